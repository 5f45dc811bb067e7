namespace DnsFlow.Upstreams.Attempts;

/// <summary>The exchange over real sockets.</summary>
internal sealed class SocketExchange(UpstreamSockets sockets, ServerConnections connections) : IUpstreamExchange
{
    public ValueTask<UpstreamResult> AskAsync(Upstream server, bool overStream, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
        => overStream ? connections.AskAsync(server, query, cancellationToken) : DatagramAttempt.AskAsync(sockets, server, query, cancellationToken);
}
