using System.Runtime.CompilerServices;
using DnsFlow.Limits;

namespace DnsFlow.Flows;

/// <summary>
/// One TCP connection of a client. It is not read at all before it is open: its octets stay in the kernel. While it waits for the client it holds no
/// buffer: one is rented when octets have arrived.
/// </summary>
public sealed class StreamFlow : ProxyFlow
{
    /// <summary>The most octets one read brings.</summary>
    internal const int ReadLength = 4_096;

    private readonly IStreamTransport _transport;
    private byte[]? _buffer;
    private int _reading;
    private int _writing;
    private volatile bool _endedByPeer;

    internal StreamFlow(in FlowFacts facts, IStreamTransport transport)
        : base(facts) => _transport = transport;

    /// <summary>What carries it.</summary>
    internal IStreamTransport Transport => _transport;

    private protected override bool IsEndedByPeer => _endedByPeer;

    /// <summary>
    /// Reads what the client sent. Length 0: no more comes (the client sent FIN, <see cref="ProxyFlow.CloseRead"/> was called, or the flow broke;
    /// <see cref="ProxyFlow.Error"/> tells). The octets are valid until the next read. Cancelling loses nothing.
    /// </summary>
    /// <exception cref="FlowException">
    /// <see cref="FlowError.NotConnected"/>: the flow was never open. <see cref="FlowError.ReadAlreadyPending"/>: one read at a time.
    /// </exception>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!Begin(write: false))
        {
            return default;
        }

        BeginRead();
        if (_endedByPeer)
        {
            return new ValueTask<ReadOnlyMemory<byte>>(EndRead(default));
        }

        return _buffer is not null && _transport.TryRead(_buffer, out var read)
            ? new ValueTask<ReadOnlyMemory<byte>>(EndRead(Take(read)))
            : WaitAndReadAsync(cancellationToken);
    }

    /// <summary>Makes the transport ready; after the verdict, before the first read.</summary>
    internal ValueTask<HandshakeOutcome> HandshakeAsync() => _transport.HandshakeAsync();

    /// <summary>
    /// Waits until there is something to read, without a buffer and without a state machine of its own: for the proxy's copier, of which there are
    /// thousands that wait. It ends as well when reading is closed. The octets of the last read are gone.
    /// </summary>
    internal ValueTask WaitAsync()
    {
        ReturnBuffer();
        return _transport.WaitAsync();
    }

    /// <summary>As <see cref="ReadAsync"/>, at once: false when nothing has come.</summary>
    internal bool TryRead(out ReadOnlyMemory<byte> octets)
    {
        octets = default;
        if (!Begin(write: false))
        {
            return true;
        }

        BeginRead();
        _buffer ??= Buffers.Rent(ReadLength);
        var isRead = true;
        TransportRead read = default;
        try
        {
            isRead = _endedByPeer || _transport.TryRead(_buffer, out read);
            octets = isRead && !_endedByPeer ? Take(read) : default;
        }
        finally
        {
            EndRead(octets);
        }

        return isRead;
    }

    /// <summary>
    /// Writes to the client; done when the connection has accepted all. One write at a time. False: the client is gone or the proxy ended the flow,
    /// and nothing can be written any more. A cancelled write may have left a part: the flow then ends with a reset when it is closed.
    /// </summary>
    /// <exception cref="FlowException">
    /// <see cref="FlowError.NotConnected"/>: the flow was never open or <see cref="ProxyFlow.CloseWrite"/> was called.
    /// <see cref="FlowError.InvalidArgument"/>: another write is pending.
    /// </exception>
    public ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        RefuseWriteAfterClose();
        return TryWriteAsync(data, cancellationToken);
    }

    /// <summary>As <see cref="WriteAsync"/>, for copiers whose other half may close meanwhile: false, not an exception, after a close.</summary>
    internal ValueTask<bool> TryWriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        if (!Begin(write: true))
        {
            return new ValueTask<bool>(false);
        }

        if (Interlocked.Exchange(ref _writing, 1) != 0)
        {
            Finish(write: true);
            throw new FlowException(FlowError.InvalidArgument, "A write to this flow is pending.");
        }

        var write = _transport.WriteAsync(data, cancellationToken);
        return write.IsCompletedSuccessfully ? new ValueTask<bool>(EndWrite(write.Result)) : AwaitWriteAsync(write);
    }

    private protected override async ValueTask<bool> PrepareAsync() => await HandshakeAsync().ConfigureAwait(false) == HandshakeOutcome.Done;

    private protected override void OnReadClosed() => _transport.StopReading();

    private protected override void OnWriteClosed() => _transport.ShutdownSend();

    private protected override ValueTask ReleaseAsync(bool cutOff)
    {
        if (!cutOff)
        {
            return _transport.CloseAsync();
        }

        _transport.Abort();
        return default;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>> WaitAndReadAsync(CancellationToken cancellationToken)
    {
        var octets = ReadOnlyMemory<byte>.Empty;
        try
        {
            ReturnBuffer();
            var read = await _transport.ReadAsync(Memory<byte>.Empty, cancellationToken);
            if (read.Error is null)
            {
                _buffer = Buffers.Rent(ReadLength);
                read = await _transport.ReadAsync(_buffer, cancellationToken);
            }

            octets = Take(read);
        }
        finally
        {
            EndRead(octets);
        }

        return octets;
    }

    private void BeginRead()
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0)
        {
            Finish(write: false);
            throw new FlowException(FlowError.ReadAlreadyPending, "A read of this flow is pending.");
        }
    }

    private ReadOnlyMemory<byte> Take(TransportRead read)
    {
        if (read.Count > 0)
        {
            return _buffer.AsMemory(0, read.Count);
        }

        ReturnBuffer();
        if (read.Error is { } error)
        {
            Fail(error);
        }
        else
        {
            _endedByPeer = !IsReadClosed;
        }

        return default;
    }

    private ReadOnlyMemory<byte> EndRead(ReadOnlyMemory<byte> octets)
    {
        Volatile.Write(ref _reading, 0);
        Finish(write: false);
        return octets;
    }

    private async ValueTask<bool> AwaitWriteAsync(ValueTask<FlowError?> write)
    {
        FlowError? error = FlowError.Aborted;
        try
        {
            error = await write;
        }
        finally
        {
            EndWrite(error);
        }

        return error is null;
    }

    private bool EndWrite(FlowError? error)
    {
        if (error is { } failure)
        {
            Fail(failure);
        }

        Volatile.Write(ref _writing, 0);
        Finish(write: true);
        return error is null;
    }

    private void ReturnBuffer()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            Buffers.Return(buffer);
        }
    }
}
