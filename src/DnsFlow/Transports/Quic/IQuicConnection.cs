using System.Net;

namespace DnsFlow.Transports.Quic;

/// <summary>As much of a QUIC connection to a server as DNS needs. Any thread.</summary>
internal interface IQuicConnection : IAsyncDisposable
{
    /// <summary>The address it leaves from; null when it is not known.</summary>
    IPAddress? LocalAddress { get; }

    /// <summary>
    /// Opens a bidirectional stream; waits while the server allows no more of them. Throws <see cref="QuicLostException"/> when the connection is not there any more.
    /// </summary>
    ValueTask<IQuicStream> OpenStreamAsync(CancellationToken cancellationToken);

    /// <summary>Closes the connection with an error code of the application; everything on it fails. Does not throw when it is closed already.</summary>
    ValueTask CloseAsync(long errorCode);
}
