using System.Diagnostics.CodeAnalysis;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Memory;

/// <summary>
/// The far end of connected sockets: silent unless told otherwise. It keeps every query until it is taken, or hands it to
/// <see cref="OnQuery"/>, which may answer at once.
/// </summary>
internal sealed class MemoryDatagramUpstream(MemoryDatagramNetwork network, FlowEndpoint address)
{
    private readonly Queue<MemoryDatagramExchange> _queries = [];

    /// <summary>The upstream's address.</summary>
    public FlowEndpoint Address { get; } = address;

    /// <summary>
    /// Called for each query inside of the sender's <see cref="IDatagramSocket.Send"/>; the query is then not queued. Null: queries wait in the queue.
    /// </summary>
    public Action<MemoryDatagramExchange>? OnQuery { get; set; }

    /// <summary>How many queries ever arrived.</summary>
    public int Received { get; private set; }

    /// <summary>How many queries wait to be taken.</summary>
    public int Waiting
    {
        get
        {
            lock (network.Gate)
            {
                return _queries.Count;
            }
        }
    }

    /// <summary>Takes the oldest waiting query.</summary>
    public bool TryTake([NotNullWhen(true)] out MemoryDatagramExchange? exchange)
    {
        lock (network.Gate)
        {
            return _queries.TryDequeue(out exchange);
        }
    }

    /// <summary>Takes the oldest waiting query; throws when there is none.</summary>
    public MemoryDatagramExchange Take() =>
        TryTake(out var exchange) ? exchange : throw new InvalidOperationException($"No query waits at {Address}.");

    internal void Take(MemoryDatagramSocket socket, byte[] query)
    {
        Received++;
        var exchange = new MemoryDatagramExchange(socket, query);
        if (OnQuery is { } onQuery)
        {
            onQuery(exchange);
        }
        else
        {
            _queries.Enqueue(exchange);
            Monitor.PulseAll(network.Gate);
        }
    }
}
