using DnsFlow.Transports.Quic;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// Opens a QUIC connection. Throws <see cref="System.Net.Sockets.SocketException"/>, <see cref="QuicLostException"/>, or
/// <see cref="System.Security.Authentication.AuthenticationException"/> when TLS fails.
/// </summary>
internal delegate ValueTask<IQuicConnection> QuicDial(QuicTarget target, CancellationToken cancellationToken);
