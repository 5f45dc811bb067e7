using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>Collects the records of one zone, checks them as a whole and compiles them into a <see cref="Zone"/>.</summary>
/// <param name="apex">The apex in wire form, lower case.</param>
/// <param name="seed">The seed of the hash tables.</param>
internal sealed class ZoneBuilder(byte[] apex, ulong seed)
{
    /// <summary>The most names of one zone, empty non-terminals counted: long names could make a small file cost much memory.</summary>
    public const int MaxNames = 4_000_000;

    private readonly NameTable<ZoneOwner> _owners = new(seed);

    /// <summary>The apex in wire form, lower case.</summary>
    public byte[] Apex => apex;

    /// <summary>As <see cref="Zone.IsDelegated"/>.</summary>
    public bool IsDelegated { get; init; } = true;

    /// <summary>The files it was read from, as they were then.</summary>
    public IReadOnlyList<FileStamp> Files { get; init; } = [];

    /// <summary>How many octets its records took when they were read.</summary>
    public long Memory { get; init; }

    /// <summary>Whether records of other files were added, so that the files alone do not make the zone.</summary>
    public bool HasOthers { get; private set; }

    /// <summary>Adds a record that another file brought.</summary>
    public void AddOther(in ZoneRecord record)
    {
        HasOthers = true;
        Add(record);
    }

    /// <summary>The owners, in no order.</summary>
    public IEnumerable<ZoneOwner> Owners => _owners.Values;

    /// <summary>The records of a name, or null.</summary>
    public ZoneOwner? Find(ReadOnlySpan<byte> name) => _owners.Find(name);

    /// <summary>Adds a record whose owner lies in the zone.</summary>
    public void Add(in ZoneRecord record) => AddName(record.Owner).Records.Add(record);

    /// <summary>Makes a name exist, in wire form and lower case, with or without records.</summary>
    public ZoneOwner AddName(byte[] name)
    {
        var owner = _owners.Find(name);
        if (owner is null)
        {
            owner = new ZoneOwner(name);
            _owners.TryAdd(name, owner);
        }

        return owner;
    }

    /// <summary>Whether a name lies below a delegation or below a DNAME, so that its records are not answered.</summary>
    public bool IsOccluded(ReadOnlySpan<byte> name) => FindAbove(name) is not null;

    /// <summary>The next name above that is delegated or has a DNAME; null when there is none. NS at the apex are no delegation.</summary>
    public ZoneOwner? FindAbove(ReadOnlySpan<byte> name)
    {
        while (name.Length > apex.Length)
        {
            name = name[(name[0] + 1)..];
            if (_owners.Find(name) is { } above && (above.Has(RecordType.DNAME) || IsCut(above)))
            {
                return above;
            }
        }

        return null;
    }

    /// <summary>Whether a name is delegated.</summary>
    public bool IsCut(ZoneOwner owner) => owner.Name.Length > apex.Length && owner.Has(RecordType.NS);

    /// <summary>Checks the zone and compiles it; null when <paramref name="errors"/> got something.</summary>
    public Zone? Build(ZoneErrors errors, string file)
    {
        ZoneChecks.Check(this, errors, file);
        return errors.Any ? null : Compile(errors, file);
    }

    /// <summary>Compiles a zone that has a SOA; null when <paramref name="errors"/> got something.</summary>
    public Zone? Compile(ZoneErrors errors, string file)
    {
        var nodes = new NameTable<ZoneNode>(seed);
        var glue = new NameTable<ZoneGlue>(seed);
        var hashes = new List<(byte[] Name, ZoneNode Node)>();
        foreach (var owner in Owners)
        {
            if (FindAbove(owner.Name) is { } above)
            {
                AddGlue(owner, above, glue);
            }
            else
            {
                var node = owner.Compile(IsCut(owner), seed);
                if (owner.Has(RecordType.NSEC3))
                {
                    hashes.Add((owner.Name, node));
                }

                if (!owner.IsHash)
                {
                    nodes.TryAdd(owner.Name, node);
                }
            }
        }

        AddEmptyNonTerminals(nodes, errors, file);
        LinkWildcards(nodes);
        return errors.Any ? null : new Zone(apex, nodes, CompileNegative(nodes))
        {
            IsDelegated = IsDelegated,
            Glue = glue,
            Denial = ZoneDenial.Build(apex, nodes, hashes),
        };
    }

    private void AddGlue(ZoneOwner owner, ZoneOwner above, NameTable<ZoneGlue> glue)
    {
        if (above.Has(RecordType.NS) && (owner.Has(RecordType.A) || owner.Has(RecordType.AAAA)))
        {
            var node = owner.Compile(isCut: false, seed);
            glue.TryAdd(owner.Name, new ZoneGlue(node.Find(RecordType.A), node.Find(RecordType.AAAA)));
        }
    }

    /// <summary>Every name between an owner and the apex exists too (RFC 4592 section 2.2.2).</summary>
    private void AddEmptyNonTerminals(NameTable<ZoneNode> nodes, ZoneErrors errors, string file)
    {
        foreach (var owner in Owners.Where(owner => nodes.Find(owner.Name) is not null))
        {
            var name = owner.Name.AsSpan();
            while (name.Length > apex.Length)
            {
                name = name[(name[0] + 1)..];
                if (nodes.Find(name) is not null)
                {
                    break;
                }

                nodes.TryAdd(name.ToArray(), new ZoneNode([]));
            }

            if (nodes.Count > MaxNames)
            {
                errors.Add(file, 0, $"the zone has more than {MaxNames:N0} names (names without records counted); split it into several zones");
                return;
            }
        }
    }

    private void LinkWildcards(NameTable<ZoneNode> nodes)
    {
        foreach (var (name, node) in nodes.Entries)
        {
            if (name.Length > apex.Length && name[0] == 1 && name[1] == '*')
            {
                nodes.Find(name.AsSpan(2))!.Wildcard = node;
            }
        }
    }

    private ZoneRRset CompileNegative(NameTable<ZoneNode> nodes)
    {
        var soa = nodes.Find(apex)!.Find(RecordType.SOA)!;
        var ttl = Math.Min(soa.Ttl, BinaryPrimitives.ReadUInt32BigEndian(soa.FirstData[^4..]));
        var negative = soa.WithTtl(ttl);
        negative.Signatures = soa.Signatures?.WithTtl(ttl);
        return negative;
    }
}
