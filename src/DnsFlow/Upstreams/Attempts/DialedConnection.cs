namespace DnsFlow.Upstreams.Attempts;

/// <summary>A connection to a server.</summary>
/// <param name="Stream">What is spoken over: the TLS stream, or the socket's; disposing of it closes the connection.</param>
/// <param name="Socket">The socket's stream.</param>
internal sealed record DialedConnection(Stream Stream, DialedStream Socket);
