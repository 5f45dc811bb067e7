namespace DnsFlow.Transports.Udp.Linux;

/// <summary>What a socket needs to be told with each datagram.</summary>
/// <param name="IsConnected">It has one peer: no addresses.</param>
/// <param name="IsIPv4">The socket's family.</param>
/// <param name="SetsSource">It is bound to a wildcard: each datagram says where it leaves from.</param>
internal readonly record struct SendForm(bool IsConnected, bool IsIPv4, bool SetsSource);
