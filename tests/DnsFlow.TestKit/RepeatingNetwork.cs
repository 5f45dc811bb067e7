using System.Net.Sockets;
using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Transports.Dialing;

namespace DnsFlow.TestKit;

/// <summary>One client that sends the same datagram over and over, in full batches, without allocating: for tests that count allocations.</summary>
internal sealed class RepeatingNetwork(byte[] datagram, FlowEndpoint client, FlowEndpoint listener) : IDatagramNetwork, IDatagramSocket, IDatagramWaiter
{
    /// <summary>How often the client will still send.</summary>
    public int Remaining { get; set; }

    /// <summary>How often the shard slept after a round.</summary>
    public int Pauses { get; private set; }

    /// <summary>How many responses it got.</summary>
    public int Answered { get; private set; }

    /// <summary>The last response.</summary>
    public byte[] LastResponse { get; } = new byte[512];

    public FlowEndpoint LocalEndpoint => listener;

    public long KernelDrops => 0;

    public bool SelectsSourceAddress => true;

    public IDatagramSocket Listen(FlowEndpoint address, bool shared) => this;

    public IDatagramSocket Adopt(Socket inherited) => throw new InvalidOperationException("Nothing is inherited here.");

    public IDatagramSocket Connect(FlowEndpoint upstream, SocketOrigin? origin = null) => throw new InvalidOperationException("Nothing is forwarded here.");

    public IDatagramWaiter CreateWaiter() => this;

    public bool TryConnect(FlowEndpoint upstream) => false;

    public int Receive(DatagramBatch batch)
    {
        batch.Count = Math.Min(batch.Capacity, Remaining);
        for (var i = 0; i < batch.Count; i++)
        {
            batch[i] = new DatagramSlot { Remote = client, Local = listener, Length = datagram.Length };
            datagram.CopyTo(batch.Buffer(i));
        }

        Remaining -= batch.Count;
        return batch.Count;
    }

    public int Send(DatagramBatch batch)
    {
        batch.Payload(0).CopyTo(LastResponse);
        Answered += batch.Count;
        return batch.Count;
    }

    public void Add(IDatagramSocket socket, int token)
    {
    }

    public void Remove(IDatagramSocket socket)
    {
    }

    public int Wait(Span<int> ready, int timeoutMilliseconds)
    {
        ready[0] = 0;
        return Remaining > 0 ? 1 : 0;
    }

    public void Pause(int microseconds) => Pauses++;

    public void Wake()
    {
    }

    public void Dispose()
    {
    }
}
