using System.Collections.Immutable;
using DnsFlow.Flows;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Server.Listening;

/// <summary>Everything that is listened on under one configuration. Immutable.</summary>
/// <param name="Names">
/// The listeners' names by index. An index belongs to a name as long as the process lives: flows and counters have it, so a listener that is gone keeps
/// its own, and one that comes back gets it again.
/// </param>
/// <param name="Bound">What is bound.</param>
/// <param name="Missing">What is not, though configured; a sentence each.</param>
/// <param name="Encryption">How encrypted listeners shake hands, by name.</param>
internal sealed record ListenerSet(
    ImmutableArray<string> Names, ImmutableArray<BoundListener> Bound, ImmutableArray<string> Missing, IReadOnlyDictionary<string, TlsServer> Encryption)
{
    /// <summary>Nothing.</summary>
    public static ListenerSet Empty { get; } = new([], [], [], new Dictionary<string, TlsServer>());

    /// <summary>The listeners' indexes by the address of their datagram sockets.</summary>
    public ImmutableArray<(FlowEndpoint Address, int Listener)> Labels
        => [.. Bound.Where(static bound => bound.HasDatagrams).Select(static bound => (bound.Address, bound.Wanted.Listener))];

    /// <summary>Whether an address is one of ours; a wildcard listener owns every address of this machine with its port.</summary>
    public bool IsOwn(FlowEndpoint endpoint)
    {
        foreach (var bound in Bound)
        {
            var own = bound.Address;
            if (own.Port == endpoint.Port && (own == endpoint || (own.IsAny && LocalAddresses.Contains(endpoint))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The names with those of <paramref name="options"/> behind them that are new.</summary>
    public ImmutableArray<string> NamesWith(ProxyOptions options)
        => [.. Names, .. options.Listeners.Keys.Where(name => !Names.Contains(name, StringComparer.OrdinalIgnoreCase))];
}
