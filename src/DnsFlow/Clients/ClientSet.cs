using DnsFlow.Flows;

namespace DnsFlow.Clients;

/// <summary>Clients compiled to be asked for: sorted ranges without overlap, and hardware addresses. Immutable; allocates nothing when asked.</summary>
internal sealed class ClientSet
{
    private readonly UInt128[] _firsts;
    private readonly UInt128[] _lasts;
    private readonly ulong[] _macs;
    private readonly NeighbourTable? _neighbours;

    /// <summary>Makes a set; hardware addresses are looked up in <paramref name="neighbours"/>, without it they match nobody.</summary>
    public ClientSet(IEnumerable<AddressRange> ranges, IEnumerable<HardwareAddress> macs, NeighbourTable? neighbours = null)
    {
        Ranges = Merge(ranges.SelectMany(Split));
        _firsts = [.. Ranges.Select(static range => range.First)];
        _lasts = [.. Ranges.Select(static range => range.Last)];
        _macs = [.. macs.Select(static mac => mac.Value).Distinct().Order()];
        _neighbours = neighbours;
    }

    /// <summary>The ranges, sorted, none touching another.</summary>
    public IReadOnlyList<AddressRange> Ranges { get; }

    /// <summary>Whether clients are meant by their hardware addresses as well.</summary>
    public bool HasMacs => _macs.Length > 0;

    /// <summary>Whether the client at <paramref name="endpoint"/> is one of these.</summary>
    public bool Contains(in FlowEndpoint endpoint)
    {
        var number = AddressRange.NumberOf(endpoint);
        var index = Array.BinarySearch(_firsts, number);
        index = index >= 0 ? index : ~index - 1;
        return (index >= 0 && number <= _lasts[index])
            || (_macs.Length > 0 && _neighbours?.Find(endpoint) is { Value: not 0 } mac && Array.BinarySearch(_macs, mac.Value) >= 0);
    }

    /// <summary>Whether everybody in <paramref name="other"/> is one of these.</summary>
    public bool ContainsAll(ClientSet other) =>
        other.Ranges.All(range => Ranges.Any(own => own.Contains(range))) && other._macs.All(mac => Array.BinarySearch(_macs, mac) >= 0);

    // Networks of IPv6 mean no IPv4 client, although IPv4 addresses lie among the mapped ones.
    private static IEnumerable<AddressRange> Split(AddressRange range)
    {
        var inner = AddressRange.AllIPv4;
        if (!range.Contains(inner) || range == inner)
        {
            return [range];
        }

        AddressRange[] parts = [new(range.First, inner.First - 1), new(inner.Last + 1, range.Last)];
        return parts.Where(part => part.First <= part.Last && range.Contains(part));
    }

    private static List<AddressRange> Merge(IEnumerable<AddressRange> ranges)
    {
        var merged = new List<AddressRange>();
        foreach (var range in ranges.OrderBy(static range => range.First))
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last)
            {
                merged[^1] = merged[^1] with { Last = UInt128.Max(merged[^1].Last, range.Last) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }
}
