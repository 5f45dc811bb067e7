using DnsFlow.Flows;
using DnsFlow.Limits;

namespace DnsFlow.Copying;

/// <summary>
/// The copiers that are at work, and the one timer that looks after the times of all: it runs only while there are copiers. Thread safe.
/// </summary>
internal sealed class StreamCopiers(StreamFlowTable flows, MonotonicClock clock, TimeSpan idleTime) : IDisposable
{
    private static readonly TimeSpan s_sweepInterval = TimeSpan.FromMilliseconds(250);
    private const long CrowdedIdle = 2 * MonotonicClock.Second;

    private readonly Lock _lock = new();
    private readonly HashSet<IStreamCopier> _copiers = [];
    private ITimer? _sweep;

    /// <summary>Those that are at work now.</summary>
    public IStreamCopier[] Current
    {
        get
        {
            lock (_lock)
            {
                return [.. _copiers];
            }
        }
    }

    /// <summary>A copier begins its work.</summary>
    public void Add(IStreamCopier copier)
    {
        lock (_lock)
        {
            _copiers.Add(copier);
            _sweep ??= clock.Time.CreateTimer(_ => Sweep(), null, s_sweepInterval, s_sweepInterval);
        }
    }

    /// <summary>A copier has ended.</summary>
    public void Remove(IStreamCopier copier)
    {
        lock (_lock)
        {
            _copiers.Remove(copier);
            if (_copiers.Count == 0)
            {
                StopSweep();
            }
        }
    }

    /// <summary>Closes the flow in which nothing has happened for the longest time; none when each has something in flight.</summary>
    public void CloseLongestIdle()
    {
        IStreamCopier? oldest = null;
        foreach (var copier in Current)
        {
            if (copier.IsIdle && (oldest is null || copier.LastActive < oldest.LastActive))
            {
                oldest = copier;
            }
        }

        oldest?.Flow.Close(FlowCloseReason.Evicted);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            StopSweep();
        }
    }

    private void StopSweep()
    {
        _sweep?.Dispose();
        _sweep = null;
    }

    private void Sweep()
    {
        var idle = (long)idleTime.TotalMicroseconds;
        var now = clock.Now;
        var limit = flows.IsCrowded ? Math.Min(idle, CrowdedIdle) : idle;
        foreach (var copier in Current)
        {
            copier.CheckTime(now, limit);
        }
    }
}
