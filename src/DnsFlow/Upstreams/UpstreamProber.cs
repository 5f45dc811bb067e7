using DnsFlow.Limits;

namespace DnsFlow.Upstreams;

/// <summary>
/// Asks servers that are down whether they are back, so that no client's query has to find out. It works for a group from the first question that finds a
/// server of it down, until all are up or nobody has asked the group for half a minute: an idle proxy sends nothing and does not wake up. With
/// <see cref="ProbeMode.Always"/> it goes on, and asks those that are up, too.
/// </summary>
internal sealed class UpstreamProber(IUpstreamExchange exchange, MonotonicClock clock) : IDisposable
{
    /// <summary>How often it looks whether a probe is due.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private const long IdleTime = 30 * MonotonicClock.Second;
    private const long SilenceTime = 10 * MonotonicClock.Second;

    private readonly Dictionary<UpstreamGroup, ITimer> _timers = [];
    private readonly Lock _lock = new();
    private bool _isDisposed;

    /// <summary>Begins to look after a group. Any thread; returns at once.</summary>
    public void Watch(UpstreamGroup group)
    {
        if (group.TryBeginProbing())
        {
            ThreadPool.UnsafeQueueUserWorkItem(static work => work.Self.Start(work.Group), (Self: this, Group: group), preferLocal: false);
        }
    }

    /// <summary>Asks a server once, whatever its state. Any thread; returns at once.</summary>
    public void Probe(Upstream server, ReadOnlyMemory<byte> query)
        => ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Self.ProbeAsync(work.Server, work.Query), (Self: this, Server: server, Query: query), preferLocal: false);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (var timer in _timers.Values)
            {
                timer.Dispose();
            }

            _timers.Clear();
        }
    }

    private void Start(UpstreamGroup group)
    {
        lock (_lock)
        {
            if (!_isDisposed)
            {
                _timers[group] = clock.Time.CreateTimer(_ => Look(group), null, Interval, Interval);
            }
        }
    }

    private void Look(UpstreamGroup group)
    {
        var now = clock.Now;
        var isDone = group.IsDisposed || (group.Options.Probe != ProbeMode.Always && now - group.LastUsed > IdleTime);
        if (!isDone)
        {
            var anyDown = false;
            foreach (var server in group.Servers)
            {
                anyDown |= server.Health.IsDown;
                if (IsDue(server, group.Options.Probe, now))
                {
                    _ = ProbeAsync(server, group.ProbeQuery);
                }
            }

            isDone = !anyDown && group.Options.Probe != ProbeMode.Always;
        }

        if (isDone)
        {
            Stop(group);
        }
    }

    private static bool IsDue(Upstream server, ProbeMode mode, long now)
        => server.Health.IsDown ? server.Health.TryTakeProbe(now) : mode == ProbeMode.Always && server.TryTakeSilence(now, SilenceTime);

    private void Stop(UpstreamGroup group)
    {
        lock (_lock)
        {
            if (_timers.Remove(group, out var timer))
            {
                timer.Dispose();
            }
        }

        group.EndProbing();
    }

    private async Task ProbeAsync(Upstream server, ReadOnlyMemory<byte> query)
    {
        using var ending = new CancellationTokenSource();
        server.Statistics.CountProbe();
        using var report = new AttemptReport(new PlannedAttempt(server, !server.UsesDatagrams, IsRetry: false), server.Health, clock, ending.Cancel);
        var result = await exchange.AskAsync(server, !server.UsesDatagrams, query, ending.Token).ConfigureAwait(false);
        report.End(result.Error);
    }
}
