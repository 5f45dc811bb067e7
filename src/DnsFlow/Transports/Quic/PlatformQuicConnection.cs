using System.Net;
using System.Net.Quic;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace DnsFlow.Transports.Quic;

/// <summary>A connection of System.Net.Quic, and nothing but that: what can go wrong is said in our words.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
[SupportedOSPlatform("windows")]
internal sealed class PlatformQuicConnection : IQuicConnection
{
    // A response is 65,537 octets at most, and few are that long.
    private const int StreamWindow = 64 * 1_024, ConnectionWindow = 1_024 * 1_024;

    private readonly QuicConnection _connection;

    private PlatformQuicConnection(QuicConnection connection) => _connection = connection;

    /// <inheritdoc/>
    public IPAddress? LocalAddress => _connection.LocalEndPoint?.Address is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : _connection.LocalEndPoint?.Address;

    /// <summary>
    /// Connects. Throws <see cref="SocketException"/>, <see cref="QuicLostException"/>, or <see cref="System.Security.Authentication.AuthenticationException"/> when TLS fails.
    /// </summary>
    public static async ValueTask<IQuicConnection> ConnectAsync(QuicTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return new PlatformQuicConnection(await QuicConnection.ConnectAsync(Options(target), cancellationToken).ConfigureAwait(false));
        }
        catch (QuicException exception)
        {
            throw Explain(exception);
        }
    }

    /// <summary>What an error of System.Net.Quic is in our words: a <see cref="SocketException"/> where that says it, a reset stream, or a lost connection.</summary>
    public static Exception Explain(QuicException exception) => exception.QuicError switch
    {
        QuicError.ConnectionRefused => new SocketException((int)SocketError.ConnectionRefused),
        QuicError.ConnectionTimeout => new SocketException((int)SocketError.TimedOut),
        QuicError.StreamAborted => new QuicResetException(exception.ApplicationErrorCode ?? 0, exception),
        QuicError.ConnectionIdle => new QuicLostException("the connection was idle for too long", exception),
        QuicError.ConnectionAborted => new QuicLostException($"the server closed the connection (error {exception.ApplicationErrorCode ?? 0})", exception),
        QuicError.TransportError => new QuicLostException($"QUIC failed (transport error {exception.TransportErrorCode ?? 0})", exception),
        var error => new QuicLostException($"QUIC failed ({error})", exception),
    };

    /// <inheritdoc/>
    public async ValueTask<IQuicStream> OpenStreamAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new PlatformQuicStream(await _connection.OpenOutboundStreamAsync(QuicStreamType.Bidirectional, cancellationToken).ConfigureAwait(false));
        }
        catch (QuicException exception)
        {
            throw Explain(exception);
        }
        catch (ObjectDisposedException exception)
        {
            throw new QuicLostException("the connection is closed", exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask CloseAsync(long errorCode)
    {
        try
        {
            await _connection.CloseAsync(errorCode).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or QuicException)
        {
            // It is closed, which was wanted.
        }

        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    // The server opens no streams: in DNS over QUIC it has no use for any (RFC 9250 section 4.2).
    private static QuicClientConnectionOptions Options(QuicTarget target) => new()
    {
        RemoteEndPoint = target.Endpoint,
        LocalEndPoint = target.Source is null ? null : new IPEndPoint(target.Source, 0),
        ClientAuthenticationOptions = target.Tls,
        DefaultCloseErrorCode = 0,
        DefaultStreamErrorCode = target.CancelCode,
        IdleTimeout = target.IdleTimeout,
        MaxInboundBidirectionalStreams = 0,
        MaxInboundUnidirectionalStreams = 0,
        InitialReceiveWindowSizes = new QuicReceiveWindowSizes { Connection = ConnectionWindow, LocallyInitiatedBidirectionalStream = StreamWindow },
    };
}
