using System.Threading.Tasks.Sources;

namespace DnsFlow.Transports.Tcp.Linux;

/// <summary>Waits for a socket that a <see cref="StreamPollLoop"/> watches.</summary>
internal sealed class PolledReadSignal(StreamPollLoop loop, int slot) : IReadSignal, IValueTaskSource, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<bool> _wait;
    private bool _isReady;
    private bool _isWaiting;
    private bool _isStopped;
    private bool _isDisposed;

    /// <inheritdoc/>
    public ValueTask WaitAsync(bool inline)
    {
        lock (this)
        {
            if (_isReady || _isStopped)
            {
                _isReady = false;
                return default;
            }

            _wait.Reset();
            _wait.RunContinuationsAsynchronously = !inline;
            _isWaiting = true;
            return new ValueTask(this, _wait.Version);
        }
    }

    /// <summary>Something has come; <paramref name="isLast"/>: nothing more will be told, for the other side has ended or the connection is broken.</summary>
    public void Tell(bool isLast)
    {
        lock (this)
        {
            _isStopped |= isLast;       // from now on a read tells the end and no wait is needed
            if (!_isWaiting)
            {
                _isReady = true;
                return;
            }

            _isWaiting = false;
        }

        _wait.SetResult(true);
    }

    /// <inheritdoc/>
    public void Release()
    {
        lock (this)
        {
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <inheritdoc/>
    public void Stop()
    {
        lock (this)
        {
            _isStopped = true;
        }

        Release();
    }

    /// <summary>Gives the slot back. The pending wait, if any, is ended by <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        lock (this)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        loop.Remove(slot);
    }

    void IThreadPoolWorkItem.Execute() => _wait.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _wait.OnCompleted(continuation, state, token, flags);
}
