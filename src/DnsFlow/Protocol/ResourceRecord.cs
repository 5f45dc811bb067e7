using System.Diagnostics.CodeAnalysis;
using System.Net;
using DnsFlow.Protocol.Rdata;

namespace DnsFlow.Protocol;

/// <summary>
/// A resource record (RFC 1035 section 4.1.3). RDATA is kept in its uncompressed wire form; what it means for common types is read by
/// <see cref="TryGetAddress"/>, <see cref="TryGetTarget"/>, <see cref="TryGetStrings"/>, <see cref="StartOfAuthority"/>,
/// <see cref="MailExchange"/>, <see cref="ServiceLocation"/> and <see cref="ServiceBinding"/>.
/// </summary>
public sealed class ResourceRecord : IEquatable<ResourceRecord>
{
    /// <summary>Makes a record. RDATA is at most 65535 octets, uncompressed; it is not copied and must not change any more.</summary>
    public ResourceRecord(DomainName name, RecordType type, RecordClass @class, uint timeToLive, ReadOnlyMemory<byte> rdata)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rdata.Length, RdataText.MaxLength);
        Name = name;
        Type = type;
        Class = @class;
        TimeToLive = timeToLive;
        Rdata = rdata;
    }

    /// <summary>The owner name.</summary>
    public DomainName Name { get; }

    /// <summary>The type.</summary>
    public RecordType Type { get; }

    /// <summary>The class.</summary>
    public RecordClass Class { get; }

    /// <summary>TTL in seconds as on the wire; values above 2147483647 mean 0 (RFC 2181 section 8).</summary>
    public uint TimeToLive { get; }

    /// <summary>RDATA in wire form, uncompressed.</summary>
    public ReadOnlyMemory<byte> Rdata { get; }

    /// <summary>Makes a record of class IN from text, for example <c>Create("www.example.", 300, RecordType.A, "192.0.2.1")</c>.</summary>
    /// <exception cref="FormatException">The name or the RDATA is malformed.</exception>
    public static ResourceRecord Create(string name, uint timeToLive, RecordType type, string rdata) =>
        RdataText.TryParse(type, rdata, DomainName.Root, out var octets, out var error)
            ? new(DomainName.Parse(name), type, RecordClass.IN, timeToLive, octets)
            : throw new FormatException($"{type.ToText()} \"{rdata}\": {error}");

    /// <summary>The address of an A or AAAA record.</summary>
    public bool TryGetAddress([NotNullWhen(true)] out IPAddress? address)
    {
        address = (Type, Class, Rdata.Length) is (RecordType.A, RecordClass.IN, 4) or (RecordType.AAAA, RecordClass.IN, 16)
            ? new IPAddress(Rdata.Span)
            : null;
        return address is not null;
    }

    /// <summary>The name that a CNAME, DNAME, NS or PTR record points to.</summary>
    public bool TryGetTarget([NotNullWhen(true)] out DomainName? target)
    {
        target = null;
        return Type is RecordType.CNAME or RecordType.DNAME or RecordType.NS or RecordType.PTR
            && DomainName.TryFromWire(Rdata.Span, out target);
    }

    /// <summary>The octets of each string of a TXT or SPF record.</summary>
    public bool TryGetStrings([NotNullWhen(true)] out IReadOnlyList<ReadOnlyMemory<byte>>? strings)
    {
        strings = null;
        if (Type is not (RecordType.TXT or RecordType.SPF) || !RdataText.IsWellFormed(Type, Class, Rdata.Span))
        {
            return false;
        }

        var list = new List<ReadOnlyMemory<byte>>();
        for (var rest = Rdata; !rest.IsEmpty; rest = rest[(rest.Span[0] + 1)..])
        {
            list.Add(rest.Slice(1, rest.Span[0]));
        }

        strings = list;
        return true;
    }

    /// <summary>The same record with another TTL.</summary>
    public ResourceRecord WithTimeToLive(uint timeToLive) => new(Name, Type, Class, timeToLive, Rdata);

    /// <summary>Whether all fields are the same; the owner name without regard to letter case, RDATA octet by octet.</summary>
    public bool Equals(ResourceRecord? other) =>
        other is not null && Type == other.Type && Class == other.Class && TimeToLive == other.TimeToLive
        && Name == other.Name && Rdata.Span.SequenceEqual(other.Rdata.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ResourceRecord);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Name);
        hash.Add(Type);
        hash.AddBytes(Rdata.Span);
        return hash.ToHashCode();
    }

    /// <summary>The line of a zone file: name, TTL, class, type and RDATA, with tabs between.</summary>
    public override string ToString() =>
        $"{Name}\t{TimeToLive}\t{Class.ToText()}\t{Type.ToText()}\t{RdataText.ToText(Type, Class, Rdata.Span)}";

    /// <summary>Reads RDATA of the given type from its start, after a check that it is well-formed.</summary>
    internal bool TryOpen(RecordType type, out RdataReader reader)
    {
        reader = RdataReader.ForRdata(Rdata.Span);
        return Type == type && RdataText.IsWellFormed(Type, Class, Rdata.Span);
    }
}
