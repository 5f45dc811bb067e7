using System.Collections.Concurrent;
using System.Net;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>The connections to all servers: an entry for each that was ever asked over one. <paramref name="make"/> makes the kind that a server's scheme needs. Any thread.</summary>
internal sealed class ServerConnections(Func<Upstream, IServerConnection> make) : IDisposable
{
    /// <summary>With as many entries those that are not in use are forgotten: of servers that earlier configurations had.</summary>
    public const int Many = 256;

    private readonly ConcurrentDictionary<Upstream, IServerConnection> _connections = new();
    private readonly Lock _making = new();

    /// <summary>Servers that have an entry.</summary>
    public int Count => _connections.Count;

    /// <summary>Asks a server; see <see cref="IUpstreamExchange.AskAsync"/>.</summary>
    public ValueTask<UpstreamResult> AskAsync(Upstream server, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
        => (_connections.TryGetValue(server, out var known) ? known : Make(server)).AskAsync(query, cancellationToken);

    /// <summary>Closes those that leave from an address of which <paramref name="isDead"/> says so.</summary>
    public void CloseIf(Func<IPAddress, bool> isDead)
    {
        foreach (var connection in _connections.Values)
        {
            connection.CloseIf(isDead);
        }
    }

    /// <summary>Closes all; what waits on them is lost.</summary>
    public void Dispose()
    {
        foreach (var connection in _connections.Values)
        {
            connection.Dispose();
        }
    }

    // One at a time, so that none is made that nobody would close.
    private IServerConnection Make(Upstream server)
    {
        lock (_making)
        {
            if (_connections.Count >= Many)
            {
                ForgetUnused();
            }

            return _connections.GetOrAdd(server, make);
        }
    }

    private void ForgetUnused()
    {
        foreach (var (server, connection) in _connections)
        {
            if (connection.IsUnused && _connections.TryRemove(server, out _))
            {
                connection.Dispose();
            }
        }
    }
}
