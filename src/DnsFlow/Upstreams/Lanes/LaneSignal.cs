using System.Threading.Tasks.Sources;

namespace DnsFlow.Upstreams.Lanes;

/// <summary>Wakes one waiting task up, on a thread of the pool. Many calls before one wait count as one; nothing is allocated.</summary>
internal sealed class LaneSignal : IValueTaskSource
{
    private const int Nothing = 0, IsSet = 1, IsAwaited = 2;

    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _state;

    /// <summary>Ends the current or the next wait. Any thread.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _state, IsSet) == IsAwaited)
        {
            Volatile.Write(ref _state, Nothing);
            _core.SetResult(true);
        }
    }

    /// <summary>Waits for <see cref="Set"/>. One task at a time.</summary>
    public ValueTask WaitAsync()
    {
        _core.Reset();
        var version = _core.Version;
        if (Interlocked.CompareExchange(ref _state, IsAwaited, Nothing) == IsSet)
        {
            Volatile.Write(ref _state, Nothing);
            return ValueTask.CompletedTask;
        }

        return new ValueTask(this, version);
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
}
