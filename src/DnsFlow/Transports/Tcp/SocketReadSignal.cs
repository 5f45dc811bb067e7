using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace DnsFlow.Transports.Tcp;

/// <summary>
/// Waits by the framework's means, on every system: a receive of no octets. A wait that is given up leaves the receive armed, and the next wait takes it
/// over, so giving up costs the socket nothing. The framework completes on the thread pool.
/// </summary>
internal sealed class SocketReadSignal : SocketAsyncEventArgs, IReadSignal, IValueTaskSource, IThreadPoolWorkItem
{
    private readonly Socket _socket;
    private ManualResetValueTaskSourceCore<bool> _wait;
    private bool _isArmed;
    private bool _isWaiting;
    private bool _isStopped;

    public SocketReadSignal(Socket socket)
        : base(true /* no execution context: nothing of it is used */) => _socket = socket;

    /// <inheritdoc/>
    public ValueTask WaitAsync(bool inline)
    {
        bool arms;
        lock (this)
        {
            if (_isStopped)
            {
                return default;
            }

            _wait.Reset();
            _isWaiting = true;
            arms = !_isArmed;
            _isArmed = true;
        }

        if (arms && !Arm())
        {
            lock (this)
            {
                _isArmed = false;
                if (_isWaiting)
                {
                    _isWaiting = false;
                    return default;
                }
            }
        }

        return new ValueTask(this, _wait.Version);
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

    void IThreadPoolWorkItem.Execute() => _wait.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _wait.OnCompleted(continuation, state, token, flags);

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        lock (this)
        {
            _isArmed = false;
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        _wait.SetResult(true);      // already on a completion thread: going on here saves a hop
    }

    private bool Arm()
    {
        try
        {
            return _socket.ReceiveAsync(this);
        }
        catch (ObjectDisposedException)
        {
            return false;       // closed meanwhile: the read that follows says so
        }
    }
}
