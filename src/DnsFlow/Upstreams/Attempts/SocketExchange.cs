namespace DnsFlow.Upstreams.Attempts;

/// <summary>The exchange over real sockets.</summary>
internal sealed class SocketExchange(UpstreamSockets sockets, StreamConnections connections, HttpsConnections https) : IUpstreamExchange
{
    public ValueTask<UpstreamResult> AskAsync(Upstream server, bool overStream, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
        => !overStream ? DatagramAttempt.AskAsync(sockets, server, query, cancellationToken)
            : server.Link.Scheme == UpstreamAddress.Https ? https.AskAsync(server, query, cancellationToken)
            : connections.AskAsync(server, query, cancellationToken);
}
