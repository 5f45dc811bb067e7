using DnsFlow.Flows;
using DnsFlow.Limits;

namespace DnsFlow.Transports.Tls;

/// <summary>
/// A transport whose writes are gathered while the thread pool has other work, and then sent with one call: for a protocol whose server writes each of many small
/// responses by itself. A write is accepted at once as long as less than 64 KiB wait.
/// </summary>
internal sealed class GatheredTransport(IStreamTransport inner, TimeProvider time) : IStreamTransport, IThreadPoolWorkItem
{
    /// <summary>How long a peer may take to accept the rest when the transport is closed.</summary>
    internal static readonly TimeSpan LastTime = TimeSpan.FromSeconds(5);

    /// <summary>So many octets may wait, beside those that are being sent; then the writer waits.</summary>
    internal const int MaxWaiting = 64 << 10;

    private readonly Lock _lock = new();
    private byte[]? _waiting;
    private int _length;
    private bool _isSending;
    private bool _endsThen;
    private FlowError? _error;
    private TaskCompletionSource<FlowError?>? _room;
    private TaskCompletionSource? _sent;

    /// <summary>Whether it gathers yet: what is written before goes out at once, so that the goodbye of a handshake that fails does.</summary>
    public bool Gathers { get; set; }

    public bool TryRead(Memory<byte> buffer, out TransportRead read) => inner.TryRead(buffer, out read);

    public ValueTask WaitAsync() => inner.WaitAsync();

    public ValueTask<TransportRead> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => inner.ReadAsync(buffer, cancellationToken);

    public ValueTask<FlowError?> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (!Gathers)
        {
            return inner.WriteAsync(data, cancellationToken);
        }

        lock (_lock)
        {
            if (_error is not null)
            {
                return new ValueTask<FlowError?>(_error);
            }

            Append(data.Span);
            if (!_isSending)
            {
                _isSending = true;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }

            if (_length < MaxWaiting)
            {
                return default;
            }

            _room ??= new TaskCompletionSource<FlowError?>(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask<FlowError?>(_room.Task.WaitAsync(cancellationToken));
        }
    }

    public void StopReading() => inner.StopReading();

    public void ShutdownSend()
    {
        lock (_lock)
        {
            _endsThen = _isSending;
            if (_endsThen)
            {
                return;
            }
        }

        inner.ShutdownSend();
    }

    /// <summary>As every transport, and what was accepted is sent before.</summary>
    public async ValueTask CloseAsync()
    {
        inner.StopReading();
        try
        {
            await SentAsync().WaitAsync(LastTime, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            inner.Abort();      // it takes nothing any more
        }

        await inner.CloseAsync().ConfigureAwait(false);
    }

    public void Abort() => inner.Abort();

    public void Dispose() => inner.Dispose();

    void IThreadPoolWorkItem.Execute() => _ = SendAsync();

    private Task SentAsync()
    {
        lock (_lock)
        {
            return _isSending ? (_sent ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        if (_waiting is null || _waiting.Length - _length < data.Length)
        {
            var larger = Buffers.Rent(Math.Max(4_096, 2 * _length + data.Length));
            if (_waiting is not null)
            {
                _waiting.AsSpan(0, _length).CopyTo(larger);
                Buffers.Return(_waiting);
            }

            _waiting = larger;
        }

        data.CopyTo(_waiting.AsSpan(_length));
        _length += data.Length;
    }

    private async Task SendAsync()
    {
        while (Take(out var length) is { } buffer)
        {
            var error = await inner.WriteAsync(buffer.AsMemory(0, length), CancellationToken.None).ConfigureAwait(false);
            Buffers.Return(buffer);
            if (error is not null)
            {
                Fail(error);
            }
        }
    }

    /// <summary>What is to be sent next; null when nothing is, and then nobody sends any more.</summary>
    private byte[]? Take(out int length)
    {
        lock (_lock)
        {
            var taken = _waiting;
            (length, _waiting, _length) = (_length, null, 0);
            _room?.TrySetResult(_error);
            _room = null;
            if (taken is not null)
            {
                return taken;
            }

            _isSending = false;
        }

        if (_endsThen)
        {
            inner.ShutdownSend();
        }

        _sent?.TrySetResult();
        return null;
    }

    private void Fail(FlowError? error)
    {
        lock (_lock)
        {
            _error = error;
            if (_waiting is { } lost)
            {
                (_waiting, _length) = (null, 0);
                Buffers.Return(lost);
            }
        }
    }
}
