using System.Net.Quic;
using System.Runtime.Versioning;

namespace DnsFlow.Transports.Quic;

/// <summary>A stream of System.Net.Quic; see <see cref="PlatformQuicConnection"/>.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
[SupportedOSPlatform("windows")]
internal sealed class PlatformQuicStream(QuicStream stream) : IQuicStream
{
    /// <inheritdoc/>
    public async ValueTask WriteLastAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(octets, completeWrites: true, cancellationToken).ConfigureAwait(false);
        }
        catch (QuicException exception)
        {
            throw PlatformQuicConnection.Explain(exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (QuicException exception)
        {
            throw PlatformQuicConnection.Explain(exception);
        }
    }

    /// <inheritdoc/>
    public void Abort(long errorCode)
    {
        try
        {
            stream.Abort(QuicAbortDirection.Both, errorCode);
        }
        catch (QuicException)
        {
            // The connection is gone, and the stream with it.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
