using System.Collections.Concurrent;
using System.Net;
using DnsFlow.Limits;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>The TCP and TLS connections to all servers; a pool for each that was ever asked so.</summary>
internal sealed class StreamConnections(MonotonicClock clock, UpstreamDialer dialer) : IDisposable
{
    private const int ManyPools = 256;

    private readonly ConcurrentDictionary<Upstream, StreamConnectionPool> _pools = new();

    /// <summary>Asks a server over one of its connections.</summary>
    public ValueTask<UpstreamResult> AskAsync(Upstream server, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
        => PoolOf(server).AskAsync(query, cancellationToken);

    /// <summary>The pool of a server.</summary>
    public StreamConnectionPool PoolOf(Upstream server)
    {
        if (_pools.TryGetValue(server, out var known))
        {
            return known;
        }

        if (_pools.Count >= ManyPools)
        {
            ForgetEmpty();      // of servers that earlier configurations had
        }

        return _pools.GetOrAdd(server, static (upstream, self) => new StreamConnectionPool(upstream, self.Clock, self.Dialer), (Clock: clock, Dialer: dialer));
    }

    /// <summary>Closes the connections that leave from an address of which <paramref name="isDead"/> says so; their questions are asked anew.</summary>
    public void CloseIf(Func<IPAddress, bool> isDead)
    {
        foreach (var pool in _pools.Values)
        {
            pool.CloseIf(isDead);
        }
    }

    /// <summary>Closes all connections; what waits on them is lost.</summary>
    public void Dispose()
    {
        foreach (var pool in _pools.Values)
        {
            pool.Dispose();
        }
    }

    private void ForgetEmpty()
    {
        foreach (var (server, pool) in _pools)
        {
            if (pool.Count == 0)
            {
                _pools.TryRemove(server, out _);
            }
        }
    }
}
