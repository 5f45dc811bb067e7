using System.Threading.Channels;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Memory;

/// <summary>Listens for connections in memory.</summary>
internal sealed class MemoryStreamListener(FlowEndpoint address, int listener) : IStreamListener
{
    private readonly Channel<StreamFlow> _waiting = Channel.CreateBounded<StreamFlow>(Backlog);

    /// <summary>Connections that wait to be accepted at most.</summary>
    public const int Backlog = 1_024;

    public FlowEndpoint LocalEndpoint => address;

    public int Listener { get; set; } = listener;

    /// <summary>Connects a client; returns its end, or null when the listener is unbound or its backlog is full.</summary>
    public MemoryStreamTransport? Connect(FlowEndpoint client, int capacity = 64 << 10)
    {
        var (clientEnd, serverEnd) = MemoryStreamTransport.CreatePair(capacity);
        var flow = new StreamFlow(new FlowFacts(new FlowKey(FlowTransport.Tcp, client, address), Listener), serverEnd);
        return _waiting.Writer.TryWrite(flow) ? clientEnd : null;
    }

    public async ValueTask<StreamFlow?> AcceptAsync(CancellationToken cancellationToken)
        => await _waiting.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false) && _waiting.Reader.TryRead(out var flow) ? flow : null;

    public ValueTask UnbindAsync()
    {
        _waiting.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
