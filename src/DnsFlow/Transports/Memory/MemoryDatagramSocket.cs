using DnsFlow.Flows;

namespace DnsFlow.Transports.Memory;

/// <summary>A listener or a connected socket of a <see cref="MemoryDatagramNetwork"/>: a queue of what arrived.</summary>
internal sealed class MemoryDatagramSocket : IDatagramSocket
{
    private readonly MemoryDatagramNetwork _network;
    private readonly MemoryDatagramUpstream? _upstream;
    private readonly Queue<MemoryDatagram?> _arrived = [];
    private bool _isClosed;

    /// <summary>Makes a listener.</summary>
    public MemoryDatagramSocket(MemoryDatagramNetwork network, FlowEndpoint local, bool shared)
    {
        _network = network;
        LocalEndpoint = local;
        IsShared = shared;
    }

    /// <summary>Makes a connected socket.</summary>
    public MemoryDatagramSocket(MemoryDatagramNetwork network, FlowEndpoint local, MemoryDatagramUpstream upstream)
    {
        _network = network;
        _upstream = upstream;
        LocalEndpoint = local;
    }

    /// <inheritdoc/>
    public FlowEndpoint LocalEndpoint { get; }

    /// <summary>Whether further listeners may have the same address.</summary>
    public bool IsShared { get; }

    /// <summary>Set by a test: how many datagrams the kernel is said to have dropped.</summary>
    public long KernelDrops { get; set; }

    /// <summary>Set by a test: the next so many datagrams sent fail, as when the send buffer is full.</summary>
    public int FailingSends { get; set; }

    /// <summary>Whether <see cref="Receive"/> would return something. Holds the network's lock.</summary>
    internal bool IsReadable => _arrived.Count > 0;

    /// <summary>False: a fresh socket is the way to another port here.</summary>
    public bool TryConnect(FlowEndpoint upstream) => false;

    /// <inheritdoc/>
    public int Receive(DatagramBatch batch)
    {
        lock (_network.Gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            batch.Count = 0;
            while (!batch.IsFull && _arrived.TryPeek(out var datagram))
            {
                if (datagram is null && batch.Count > 0)
                {
                    break; // the refusal is reported by the next call
                }

                _arrived.Dequeue();
                if (datagram is null)
                {
                    return -1;
                }

                Fill(batch, datagram);
            }

            return batch.Count;
        }
    }

    /// <inheritdoc/>
    public int Send(DatagramBatch batch)
    {
        lock (_network.Gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            var sent = 0;
            for (var i = 0; i < batch.Count; i++)
            {
                if (FailingSends > 0)
                {
                    FailingSends--;
                    continue;
                }

                SendOne(batch[i], batch.Payload(i).ToArray());
                sent++;
            }

            return sent;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_network.Gate)
        {
            _isClosed = true;
            _arrived.Clear();
        }

        _network.Close(this);
    }

    /// <summary>A datagram arrives; null is a refusal. A closed socket loses it.</summary>
    internal void Deliver(MemoryDatagram? datagram)
    {
        lock (_network.Gate)
        {
            if (!_isClosed)
            {
                _arrived.Enqueue(datagram);
                Monitor.PulseAll(_network.Gate);
            }
        }
    }

    private static void Fill(DatagramBatch batch, MemoryDatagram datagram)
    {
        var index = batch.Count++;
        ref var slot = ref batch[index];
        slot.Length = Math.Min(datagram.Payload.Length, batch.SlotSize);
        slot.IsCut = datagram.Payload.Length > batch.SlotSize;
        slot.Remote = datagram.Source;
        slot.Local = datagram.Destination;
        datagram.Payload.AsSpan(0, slot.Length).CopyTo(batch.Buffer(index));
    }

    private void SendOne(in DatagramSlot slot, byte[] payload)
    {
        if (_upstream is null)
        {
            _network.SendToClient(new MemoryDatagram(slot.Local.IsAny ? LocalEndpoint : slot.Local, slot.Remote, payload));
        }
        else
        {
            _upstream.Take(this, payload);
        }
    }
}
