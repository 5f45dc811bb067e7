using System.Net;
using System.Net.Security;

namespace DnsFlow.Transports.Quic;

/// <summary>Where a QUIC connection leads. Always to an address: names are not resolved here.</summary>
/// <param name="Endpoint">The server's address and port.</param>
/// <param name="Source">The address it leaves from; null = the system chooses.</param>
/// <param name="Tls">What is spoken (ALPN) and whom to believe.</param>
/// <param name="IdleTimeout">How long the connection may be silent before it is over, unless the server says less.</param>
/// <param name="CancelCode">The error code of streams that are dropped before their end.</param>
internal sealed record QuicTarget(IPEndPoint Endpoint, IPAddress? Source, SslClientAuthenticationOptions Tls, TimeSpan IdleTimeout, long CancelCode);
