using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace DnsFlow.Transports.Tcp;

/// <summary>
/// Waits until a socket has something to read, without a buffer: a receive of no octets. One waiter at a time; a wait that is given up leaves the
/// receive armed, and the next wait takes it over, so giving up costs the socket nothing. What there is to read (octets, the end, an error) the
/// next read of the socket tells.
/// </summary>
internal sealed class ReadSignal : SocketAsyncEventArgs, IValueTaskSource, IThreadPoolWorkItem
{
    private readonly Socket _socket;
    private ManualResetValueTaskSourceCore<bool> _wait;
    private bool _isArmed;
    private bool _isWaiting;
    private bool _isStopped;

    public ReadSignal(Socket socket)
        : base(true /* no execution context: nothing of it is used */) => _socket = socket;

    /// <summary>
    /// Completes when there is something to read, when <see cref="Release"/> or <see cref="Stop"/> is called, or when the socket is closed. After
    /// <see cref="Stop"/> it completes at once. Never throws.
    /// </summary>
    public ValueTask WaitAsync()
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

    /// <summary>Ends the pending wait, on another thread than the caller's.</summary>
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

    /// <summary>Ends the pending wait and every later one.</summary>
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
