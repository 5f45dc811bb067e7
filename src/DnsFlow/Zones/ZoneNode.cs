using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>A name that exists in a zone, if only because a name below it does (an empty non-terminal, RFC 4592 section 2.2.2).</summary>
internal sealed class ZoneNode
{
    private readonly ZoneRRset[] _sets;

    /// <summary>Makes a node of its RRsets. <paramref name="isCut"/>: the name is delegated to other servers.</summary>
    public ZoneNode(IEnumerable<ZoneRRset> sets, bool isCut = false)
    {
        _sets = [.. sets.OrderBy(set => set.Type)];
        IsCut = isCut;
        Alias = Find(RecordType.CNAME);
        Redirection = Find(RecordType.DNAME);
    }

    /// <summary>Whether the name and everything below it is delegated, so not ours to answer.</summary>
    public bool IsCut { get; }

    /// <summary>The CNAME, if the name is an alias.</summary>
    public ZoneRRset? Alias { get; }

    /// <summary>The DNAME, which moves everything below this name elsewhere (RFC 6672).</summary>
    public ZoneRRset? Redirection { get; }

    /// <summary>The node of <c>*</c> directly below this name, if there is one. Set once, while the zone is built.</summary>
    public ZoneNode? Wildcard { get; set; }

    /// <summary>The NSEC or NSEC3 that says which types the name has; null when there is none. Set once, while the zone is built.</summary>
    public ZoneProof? Proof { get; set; }

    /// <summary>All RRsets in order of their type.</summary>
    public ReadOnlySpan<ZoneRRset> Sets => _sets;

    /// <summary>How many octets it takes, its RRsets included.</summary>
    public long Bytes => ZoneMemory.OfObject(6) + ZoneMemory.OfArray(_sets.Length * sizeof(ulong)) + _sets.Sum(static set => set.Bytes);

    /// <summary>The RRset of a type, or null.</summary>
    public ZoneRRset? Find(RecordType type)
    {
        var low = 0;
        var high = _sets.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var found = _sets[middle];
            if (found.Type == type)
            {
                return found;
            }

            (low, high) = found.Type < type ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }
}
