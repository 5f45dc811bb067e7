using System.Collections.Immutable;
using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Lists;

/// <summary>The networks among the entries of one kind, of both address families. Immutable; allocates nothing when asked.</summary>
internal sealed class TriggerNetworks
{
    private readonly NetworkTable _ipv4;
    private readonly NetworkTable _ipv6;

    /// <summary>Makes it of those of the entries that are about addresses and that count.</summary>
    public TriggerNetworks(ImmutableArray<TriggerEntry> entries, Func<TriggerEntry, bool> counts)
    {
        _ipv4 = Networks(AddressFamily.InterNetwork);
        _ipv6 = Networks(AddressFamily.InterNetworkV6);

        NetworkTable Networks(AddressFamily family) => new(entries
            .Select(static (entry, number) => (Entry: entry, Number: number))
            .Where(one => one.Entry.Server is null && one.Entry.Network.BaseAddress.AddressFamily == family && counts(one.Entry))
            .Select(static one => (one.Entry.Network, one.Number)));
    }

    /// <summary>The number of the entry with the smallest network that has the address; -1 = none.</summary>
    public int Find(in FlowEndpoint address) => address.IsIPv4 ? _ipv4.Find(address) : _ipv6.Find(address);
}
