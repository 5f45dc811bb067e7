using System.Net.NetworkInformation;

namespace DnsFlow.Upstreams;

/// <summary>
/// The servers of a group: an immutable list, exchanged for another one when the resolvers of the operating system change. No timer runs: the list
/// is looked after when it is used, every two seconds at most, and when the network changes.
/// </summary>
internal sealed class UpstreamServers : IDisposable, IThreadPoolWorkItem
{
    private const long CheckInterval = 2_000_000;

    private readonly SystemResolvers? _system;
    private readonly Func<SystemResolverList, Upstream[]> _compose;
    private readonly Lock _refreshing = new();
    private Upstream[] _current;
    private string? _problem;
    private long _nextCheck;

    /// <summary>Servers that never change.</summary>
    public UpstreamServers(Upstream[] servers)
    {
        _compose = _ => servers;
        _current = servers;
        _problem = servers.Length == 0 ? "the group has no servers" : null;
    }

    /// <summary>Servers that <paramref name="compose"/> makes of what the operating system says, now and whenever that changes.</summary>
    public UpstreamServers(SystemResolvers system, Func<SystemResolverList, Upstream[]> compose)
    {
        _system = system;
        _compose = compose;
        _current = [];
        Refresh(force: true);
        NetworkChange.NetworkAddressChanged += OnNetworkChanged;
    }

    /// <summary>The list as it is now.</summary>
    public ReadOnlySpan<Upstream> Current => Volatile.Read(ref _current);

    /// <summary>Why the list is empty, for people; null when it is not.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>Has another thread look whether the system's resolvers changed, if that was not done lately. Does not wait or allocate.</summary>
    public void RefreshSoon(long now)
    {
        if (_system is null)
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
    void IThreadPoolWorkItem.Execute() => Refresh(force: false);

    /// <summary>Reads the system's resolvers if they changed, or in any case with <paramref name="force"/>.</summary>
    public void Refresh(bool force)
    {
        lock (_refreshing)
        {
            if (_system is not null && (_system.HasChanged() || force))
            {
                var list = _system.Read();
                var servers = _compose(list);
                Volatile.Write(ref _problem, servers.Length == 0 ? list.Problem : null);
                Volatile.Write(ref _current, servers);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => NetworkChange.NetworkAddressChanged -= OnNetworkChanged;

    private void OnNetworkChanged(object? sender, EventArgs e) => Refresh(force: true);
}
