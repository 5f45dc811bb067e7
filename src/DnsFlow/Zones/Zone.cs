using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// A zone compiled for answering: every existing name with its RRsets already in wire form. Immutable; any number of threads may ask it,
/// and a lookup allocates nothing. Names below a delegation or below a DNAME are not in it (RFC 1034 section 4.2.1, RFC 6672 section 2.4).
/// </summary>
internal sealed class Zone(byte[] apex, NameTable<ZoneNode> nodes, ZoneRRset negative)
{
    private static readonly ZoneRRset s_none = ZoneRRset.Encode(RecordType.SOA, 0, []);

    private long _bytes;

    /// <summary>The apex in wire form, lower case.</summary>
    public ReadOnlySpan<byte> Apex => apex;

    /// <summary>How many names exist, empty non-terminals counted.</summary>
    public int NameCount => nodes.Count;

    /// <summary>Whether someone outside may have delegated the apex, so that a DS of the apex is his to answer (RFC 4035 section 3.1.4.1).</summary>
    public bool IsDelegated { get; init; } = true;

    /// <summary>Whether there is nothing to answer with: a zone to be transferred that never was, or has expired.</summary>
    public bool IsUnavailable { get; private init; }

    /// <summary>The SOA as it goes into negative responses: its TTL is the smaller of its own and its MINIMUM field (RFC 2308 section 3).</summary>
    public ZoneRRset Negative => negative;

    /// <summary>The chain of NSEC or NSEC3; null when the zone is not signed.</summary>
    public ZoneDenial? Denial { get; init; }

    /// <summary>The addresses of names below delegations.</summary>
    public NameTable<ZoneGlue> Glue { get; init; } = new(0);

    /// <summary>About how many octets it takes.</summary>
    public long Bytes => _bytes > 0 ? _bytes : _bytes = nodes.Bytes + nodes.Values.Sum(static node => node.Bytes) + Glue.Bytes + Glue.Values.Sum(static glue => glue.Bytes) + (Denial?.Bytes ?? 0);

    /// <summary>The zone that is ours but has no data.</summary>
    public static Zone Unavailable(byte[] apex) => new(apex, new NameTable<ZoneNode>(0), s_none) { IsUnavailable = true };

    /// <summary>The node of an existing name in wire form and lower case, or null.</summary>
    public ZoneNode? Node(ReadOnlySpan<byte> name) => nodes.Find(name);

    /// <summary>
    /// Looks for a name at or below the apex, in lower case: exact match, else the closest encloser with its delegation, DNAME or wildcard
    /// (RFC 1034 section 4.3.2, RFC 4592 section 3.3).
    /// </summary>
    public ZoneMatch Find(ReadOnlySpan<byte> name, RecordType type)
    {
        var apexOffset = name.Length - apex.Length;
        if (IsUnavailable)
        {
            return new ZoneMatch(ZoneMatchKind.Unavailable, this, null, apexOffset, apexOffset);
        }

        var offset = 0;
        var node = nodes.Find(name);
        while (node is null && offset < apexOffset)
        {
            offset += name[offset] + 1;
            node = nodes.Find(name[offset..]);
        }

        var kind = Classify(ref node, offset == 0, type);
        return new ZoneMatch(kind, this, node, apexOffset, offset);
    }

    /// <summary>Looks for a name alone: for names of hosts files, which say nothing of other names. Its negative responses are owned by the name itself.</summary>
    public ZoneMatch FindExact(ReadOnlySpan<byte> name) =>
        nodes.Find(name) is { } node ? new ZoneMatch(ZoneMatchKind.Node, this, node, 0, 0) : ZoneMatch.None;

    /// <summary>Some name that has records of a type, the apex last; null when there is none. For people to try; it looks at every name.</summary>
    public byte[]? FindNameWith(RecordType type) => nodes.Entries
        .Where(entry => entry.Key[0] != 1 || entry.Key[1] != '*')
        .OrderBy(entry => entry.Key.Length == apex.Length).ThenBy(entry => entry.Key.Length)
        .FirstOrDefault(entry => !entry.Value.IsCut && entry.Value.Find(type) is not null).Key;

    private static ZoneMatchKind Classify(ref ZoneNode? node, bool isExact, RecordType type)
    {
        if (node is null)
        {
            return ZoneMatchKind.NoName;
        }

        if (node.IsCut)
        {
            // The DS of a delegated name belongs to the parent, which is us (RFC 4035 section 3.1.4.1).
            return isExact && type == RecordType.DS ? ZoneMatchKind.Node : ZoneMatchKind.Delegated;
        }

        if (isExact)
        {
            return ZoneMatchKind.Node;
        }

        if (node.Redirection is not null)
        {
            return ZoneMatchKind.Redirected;
        }

        node = node.Wildcard;
        return node switch
        {
            null => ZoneMatchKind.NoName,
            { IsCut: true } => ZoneMatchKind.NotOurs,
            _ => ZoneMatchKind.Wildcard,
        };
    }
}
