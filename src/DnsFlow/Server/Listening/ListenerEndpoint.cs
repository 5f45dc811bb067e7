using DnsFlow.Flows;

namespace DnsFlow.Server.Listening;

/// <summary>One address to listen on.</summary>
/// <param name="Listener">The listener's index.</param>
/// <param name="Name">The listener's name.</param>
/// <param name="Address">The address and port; port 0 = any free one, the same for UDP and TCP.</param>
/// <param name="Datagrams">Whether UDP is spoken there.</param>
/// <param name="Streams">Whether TCP is spoken there.</param>
/// <param name="Encryption">What is spoken inside TLS there: <c>tls</c>, <c>https</c>; empty = nothing is encrypted.</param>
/// <param name="Path">The path of https.</param>
/// <param name="IsRequired">Whether the start fails when it cannot be bound.</param>
internal sealed record ListenerEndpoint(int Listener, string Name, FlowEndpoint Address, bool Datagrams, bool Streams, bool IsRequired, string Encryption = "", string Path = "");
