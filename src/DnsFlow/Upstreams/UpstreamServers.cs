using DnsFlow.Limits;

namespace DnsFlow.Upstreams;

/// <summary>
/// The servers of a group: an immutable list, exchanged for another one when the resolvers of the operating system change, or the interfaces that link-local addresses
/// name. No timer runs: the list is looked after when it is used, once a second at most, and when the network changes.
/// </summary>
internal sealed class UpstreamServers : IThreadPoolWorkItem
{
    private const long CheckInterval = MonotonicClock.Second;       // a change is to be followed within two

    private readonly SystemResolvers? _system;
    private readonly NetworkWatch? _watch;
    private readonly Func<SystemResolverList?, Upstream[]> _compose;
    private readonly Lock _refreshing = new();
    private Upstream[] _current = [];
    private string? _problem;
    private long _nextCheck;

    /// <summary>Servers that never change.</summary>
    public UpstreamServers(Upstream[] servers)
        : this(null, _ => servers)
    {
    }

    /// <summary>
    /// Servers that <paramref name="compose"/> makes of what the operating system says, now and whenever that changes. The <paramref name="watch"/> is asked to look
    /// now and then while the group is in use.
    /// </summary>
    public UpstreamServers(SystemResolvers? system, Func<SystemResolverList?, Upstream[]> compose, NetworkWatch? watch = null)
    {
        (_system, _compose, _watch) = (system, compose, watch);
        Refresh(force: true);
    }

    /// <summary>The list as it is now.</summary>
    public ReadOnlySpan<Upstream> Current => Volatile.Read(ref _current);

    /// <summary>Why the list is empty, for people; null when it is not.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>Has another thread look whether the system's resolvers changed, if that was not done lately. Does not wait or allocate.</summary>
    public void RefreshSoon(long now)
    {
        if (_system is null && _watch is null)
        {
            return;
        }

        var next = Volatile.Read(ref _nextCheck);
        if (now >= next && Interlocked.CompareExchange(ref _nextCheck, now + CheckInterval, next) == next)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Looks now.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        _watch?.LookForJump();
        Refresh(force: false);
    }

    /// <summary>Reads the system's resolvers if they changed, or in any case with <paramref name="force"/>.</summary>
    public void Refresh(bool force)
    {
        lock (_refreshing)
        {
            if (force || _system?.HasChanged() == true)
            {
                var list = _system?.Read();
                var servers = _compose(list);
                Volatile.Write(ref _problem, servers.Length == 0 ? list?.Problem ?? "the group has no servers" : null);
                Volatile.Write(ref _current, servers);
            }
        }
    }
}
