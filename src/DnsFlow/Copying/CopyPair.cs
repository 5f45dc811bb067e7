using DnsFlow.Flows;

namespace DnsFlow.Copying;

/// <summary>
/// A claimed flow and its remote side, for a provider that copies by itself. What ends or breaks one side ends both: the remote side is cancelled and
/// the flow closed in both directions, whoever does it, in whatever order. The one exception is a client's FIN: it ends the outbound direction,
/// and responses that are awaited are still written, for at most five seconds.
/// </summary>
public sealed class CopyPair(ProxyFlow flow, IRemoteConnection remote, TimeProvider time) : IDisposable
{
    /// <summary>How long responses are awaited after the client's FIN.</summary>
    internal static readonly TimeSpan HalfClosedTime = TimeSpan.FromSeconds(5);

    /// <summary>How long a client may take for one response.</summary>
    internal static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private ITimer? _halfClosed;
    private CopySide? _endedBy;
    private FlowError? _error;
    private bool _isOutboundEnded;
    private long _out;
    private long _in;

    /// <summary>The flow.</summary>
    public ProxyFlow Flow { get; } = flow;

    /// <summary>The remote side. Whoever made it disposes of it.</summary>
    public IRemoteConnection Remote { get; } = remote;

    /// <summary>How it stands, or ended.</summary>
    public CopyResult Result
    {
        get
        {
            lock (_lock)
            {
                return new CopyResult(_endedBy ?? CopySide.Proxy, _error, _out, _in);
            }
        }
    }

    /// <summary>
    /// Does all of it: waits until the remote side is ready, then opens the flow, then copies both ways until either side ends. A remote side that
    /// fails closes the flow at once, unopened, so that the client asks elsewhere instead of waiting. Cancelling ends both sides.
    /// </summary>
    /// <returns>How it ended. Both directions are closed by then; a fault of the remote side's implementation is thrown after that.</returns>
    public async Task<CopyResult> RunAsync(CancellationToken cancellationToken)
    {
        using var stopping = cancellationToken.UnsafeRegister(static pair => ((CopyPair)pair!).End(CopySide.Proxy, FlowError.Aborted), this);
        try
        {
            if (await Remote.ReadyAsync(cancellationToken).ConfigureAwait(false) is { } error)
            {
                End(CopySide.Remote, error);
            }
            else if (!await Flow.OpenAsync(cancellationToken).ConfigureAwait(false))
            {
                End(CopySide.Client, Flow.Error);
            }
            else
            {
                await Task.WhenAll(new OutboundCopier(this).RunAsync(), new InboundCopier(this).RunAsync()).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ended above, by the registration: the result says so.
        }
        catch
        {
            End(CopySide.Proxy, FlowError.Internal);
            throw;
        }

        return Result;
    }

    /// <summary>Ends both sides. Any thread, any number of times; the first call's side and error stay.</summary>
    public void End(CopySide side, FlowError? error)
    {
        lock (_lock)
        {
            if (_endedBy is null)
            {
                _endedBy = side;
                _error = error;
            }

            error = _error;     // whoever comes second closes with the first one's error, for it may be quicker
            _halfClosed?.Dispose();
        }

        Flow.CloseRead(error);
        Flow.CloseWrite(error);
        Remote.Cancel();
    }

    /// <summary>Frees the timer. Ends nothing.</summary>
    public void Dispose() => _halfClosed?.Dispose();

    internal void CountOut()
    {
        lock (_lock)
        {
            _out++;
        }
    }

    /// <summary>A response was written. The last one that a half-closed client awaits ends the flow.</summary>
    internal void CountIn()
    {
        bool isLast;
        lock (_lock)
        {
            _in++;
            isLast = _isOutboundEnded && _in >= _out;
        }

        if (isLast)
        {
            End(CopySide.Client, null);
        }
    }

    /// <summary>The client has sent FIN.</summary>
    internal void EndOutbound()
    {
        Flow.CloseRead();
        bool isLast;
        lock (_lock)
        {
            _isOutboundEnded = true;
            isLast = _in >= _out;
            if (!isLast && _endedBy is null)
            {
                _halfClosed = time.CreateTimer(
                    static pair => ((CopyPair)pair!).End(CopySide.Remote, FlowError.TimedOut), this, HalfClosedTime, Timeout.InfiniteTimeSpan);
            }
        }

        if (isLast)
        {
            End(CopySide.Client, null);
        }
    }

    /// <summary>Begins to watch a write that the client did not take at once.</summary>
    internal ITimer WatchWrite()
        => time.CreateTimer(static pair => ((CopyPair)pair!).End(CopySide.Client, FlowError.TimedOut), this, WriteTime, Timeout.InfiniteTimeSpan);
}
