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
        foreach (var owner in Owners)
        {
            if (!IsOccluded(owner.Name))
            {
                nodes.TryAdd(owner.Name, owner.Compile(IsCut(owner), seed, errors));
            }
        }

        AddEmptyNonTerminals(nodes, errors, file);
        LinkWildcards(nodes);
        return errors.Any ? null : new Zone(apex, nodes, CompileNegative()) { IsDelegated = IsDelegated };
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

    private ZoneRRset CompileNegative()
    {
        var soa = Find(apex)!.Records.First(record => record.Type == RecordType.SOA);
        var minimum = BinaryPrimitives.ReadUInt32BigEndian(soa.Data.AsSpan(soa.Data.Length - 4));
        return ZoneRRset.Encode(RecordType.SOA, Math.Min(soa.Ttl, minimum), [soa.Data])!;
    }
}
