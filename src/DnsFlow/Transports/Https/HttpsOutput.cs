using System.IO.Pipelines;
using DnsFlow.Flows;
using DnsFlow.Limits;

namespace DnsFlow.Transports.Https;

/// <summary>
/// What the HTTP server writes to a client: each flush becomes a record, so that clients that read record by record find one response in it. It holds no buffer
/// between flushes. A client that is gone ends it without an exception.
/// </summary>
/// <param name="transport">Where it goes.</param>
/// <param name="frames">Who sees it pass; null = nobody.</param>
internal sealed class HttpsOutput(IStreamTransport transport, Http2FrameReader? frames = null) : PipeWriter
{
    private const int FirstLength = 1_024;

    private byte[]? _buffer;
    private int _length;
    private volatile bool _isFlushing;
    private bool _isBroken;
    private bool _isCompleted;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _length;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsMemory(_length);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsSpan(_length);
    }

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (_buffer?.Length ?? 0) - _length);
        _length += bytes;
    }

    /// <summary>A record cannot be written by half: a flush that waits ends with the connection.</summary>
    public override void CancelPendingFlush()
    {
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_length == 0 || _isBroken)
        {
            ReturnBuffer();
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, _isBroken));
        }

        _isFlushing = true;
        frames?.Read(_buffer.AsSpan(0, _length));
        var write = transport.WriteAsync(_buffer.AsMemory(0, _length), CancellationToken.None);
        return write.IsCompletedSuccessfully ? new ValueTask<FlushResult>(End(write.Result)) : AwaitAsync(write);
    }

    /// <summary>What was not flushed is dropped: the server flushes what it wants to be sent.</summary>
    public override void Complete(Exception? exception = null)
    {
        _isCompleted = true;
        if (!_isFlushing)
        {
            ReturnBuffer();
        }
    }

    private async ValueTask<FlushResult> AwaitAsync(ValueTask<FlowError?> write) => End(await write.ConfigureAwait(false));

    private FlushResult End(FlowError? error)
    {
        _isBroken |= error is not null;
        ReturnBuffer();
        _isFlushing = false;
        return new FlushResult(isCanceled: false, _isBroken);
    }

    private void MakeRoom(int sizeHint)
    {
        if (_isCompleted)
        {
            throw new InvalidOperationException("The output is completed.");
        }

        var needed = _length + Math.Max(1, sizeHint);
        if (_buffer is null || _buffer.Length < needed)
        {
            var larger = Buffers.Rent(Math.Max(needed, Math.Max(FirstLength, 2 * _length)));
            if (_buffer is { } buffer)
            {
                buffer.AsSpan(0, _length).CopyTo(larger);
                Buffers.Return(buffer);
            }

            _buffer = larger;
        }
    }

    private void ReturnBuffer()
    {
        _length = 0;
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            Buffers.Return(buffer);
        }
    }
}
