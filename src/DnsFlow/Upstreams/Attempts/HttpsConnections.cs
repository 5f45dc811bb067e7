using System.Collections.Concurrent;
using System.Net;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>The HTTPS connections to all servers; an entry for each that was ever asked so.</summary>
internal sealed class HttpsConnections(UpstreamDialer dialer) : IDisposable
{
    private const int Many = 256;

    private readonly ConcurrentDictionary<Upstream, HttpsConnection> _connections = new();

    /// <summary>Asks a server; see <see cref="IUpstreamExchange.AskAsync"/>.</summary>
    public ValueTask<UpstreamResult> AskAsync(Upstream server, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
        => Of(server).AskAsync(query, cancellationToken);

    /// <summary>The connection to a server.</summary>
    public HttpsConnection Of(Upstream server)
    {
        if (_connections.TryGetValue(server, out var known))
        {
            return known;
        }

        if (_connections.Count >= Many)
        {
            ForgetUnused();     // of servers that earlier configurations had
        }

        return _connections.GetOrAdd(server, static (upstream, dialer) => new HttpsConnection(upstream, dialer), dialer);
    }

    /// <summary>Closes those that leave from an address of which <paramref name="isDead"/> says so.</summary>
    public void CloseIf(Func<IPAddress, bool> isDead)
    {
        foreach (var connection in _connections.Values)
        {
            connection.CloseIf(isDead);
        }
    }

    /// <summary>Closes all.</summary>
    public void Dispose()
    {
        foreach (var connection in _connections.Values)
        {
            connection.Dispose();
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
