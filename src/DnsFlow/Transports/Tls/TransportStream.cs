using System.Runtime.CompilerServices;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Tls;

/// <summary>
/// A transport as the framework's stream, for TLS above it. An empty read waits without a buffer. What the network does becomes an exception here, for the
/// framework knows no other way; <see cref="TlsStreamTransport"/> makes it a value again.
/// </summary>
internal sealed class TransportStream(IStreamTransport transport) : Stream
{
    private bool _mayHaveMore = true;

    /// <summary>Whether a read continues on the thread that waits for all connections; not while a handshake is computed.</summary>
    public bool Inline { get; set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return _mayHaveMore ? default : WaitAsync();
        }

        return transport.TryRead(buffer, out var read) ? new ValueTask<int>(Take(read, buffer.Length)) : ReadSlowlyAsync(buffer);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (await transport.WriteAsync(buffer, cancellationToken).ConfigureAwait(false) is { } error)
        {
            throw new TransportException(error);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync()
    {
        await WaitOnceAsync().ConfigureAwait(false);
        return 0;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadSlowlyAsync(Memory<byte> buffer)
    {
        TransportRead read;
        while (!transport.TryRead(buffer, out read))
        {
            await WaitOnceAsync().ConfigureAwait(false);
        }

        return Take(read, buffer.Length);
    }

    private async ValueTask WaitOnceAsync()
    {
        await transport.WaitAsync().ConfigureAwait(false);
        if (!Inline)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
    }

    private int Take(TransportRead read, int room)
    {
        // A read that did not fill the buffer has emptied the socket, and the next arrival is told; a full one may have left something behind.
        _mayHaveMore = read.Count == room;
        return read.Error is { } error ? throw new TransportException(error) : read.Count;
    }
}
