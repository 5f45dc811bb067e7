using DnsFlow.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Protocol;

/// <summary>Random messages, pieces of them, and messages damaged at random.</summary>
internal static class ProtocolArbitraries
{
    private static readonly Gen<byte> s_any = Gen.Choose(0, 255).Select(i => (byte)i);
    private static readonly Gen<byte> s_octet = Gen.Frequency<byte>((6, Gen.Elements("abcXYZ019-_"u8.ToArray())), (1, s_any));
    private static readonly Gen<ushort> s_number = Gen.Choose(0, 65535).Select(i => (ushort)i);

    private static readonly Gen<DomainName> s_name =
        from labels in Gen.Choose(0, 8).SelectMany(count => Gen.ArrayOf(Label(), count))
        select labels.Aggregate(DomainName.Root, (name, label) => name.TryPrepend(label, out var longer) ? longer : name);

    // Making a name costs more than all that is tested with it, so messages draw theirs from a stock.
    private static readonly Gen<DomainName> s_stocked = Gen.Elements(s_name.Sample(400, 50).ToArray());

    private static readonly Gen<ResourceRecord> s_record =
        from name in s_stocked
        from data in Gen.Frequency(
            (6, Gen.Elements(RecordVectors.All.Select(vector => (vector.Type, vector.Rdata)).ToArray())),
            (3, Gen.Elements(RecordType.NS, RecordType.CNAME, RecordType.PTR, RecordType.DNAME).SelectMany(type => s_stocked.Select(target => (type, target.Wire.ToArray())))),
            (1, Octets(40).Select(octets => ((RecordType)65280, octets))))
        from ttl in Gen.Elements(0u, 300u, uint.MaxValue)
        select new ResourceRecord(name, data.Item1, RecordClass.IN, ttl, data.Item2);

    private static readonly Gen<Edns> s_edns =
        from size in s_number
        from flags in s_number
        from options in ListOf(s_number.SelectMany(code => Octets(20).Select(data => new EdnsOption((EdnsOptionCode)(code % 20), data))), 5)
        select new Edns { UdpPayloadSize = size, Flags = flags, Options = options };

    private static readonly Gen<DnsMessage> s_message =
        from id in s_number
        from flags in s_number
        from question in s_stocked.SelectMany(name => s_number.Select(type => new Question(name, (RecordType)type)))
        from answer in ListOf(s_record, 6)
        from authority in ListOf(s_record, 3)
        from additional in ListOf(s_record, 3)
        from edns in Gen.Frequency((1, Gen.Constant<Edns?>(null)), (2, s_edns.Select(edns => (Edns?)edns)))
        from code in Gen.Choose(0, 4095)
        select new DnsMessage
        {
            Id = id,
            Flags = flags,
            ResponseCode = (ResponseCode)(edns is null ? code & 15 : code),
            Questions = [question],
            Answer = answer,
            Authority = authority,
            Additional = additional,
            Edns = edns,
        };

    /// <summary>Names of up to eight labels, mostly of few letters so that they share suffixes.</summary>
    public static Arbitrary<DomainName> Names() => s_name.ToArbitrary();

    /// <summary>Well-formed messages with records of every type.</summary>
    public static Arbitrary<DnsMessage> Messages() => s_message.ToArbitrary();

    /// <summary>Octets that are a message, one damaged in up to four places or cut, or nothing of the kind.</summary>
    public static Arbitrary<byte[]> MutatedMessages() => Gen.Frequency(
        (1, Octets(80)),
        (8, s_message.SelectMany(message => Damage(DnsMessageWriter.ToArray(message)!))),
        (4, Gen.Elements(Queries()).SelectMany(Damage))).ToArbitrary();

    public static Gen<byte[]> Octets(int most) => Gen.Choose(0, most).SelectMany(length => Gen.ArrayOf(s_any, length));

    private static Gen<List<T>> ListOf<T>(Gen<T> item, int most) =>
        Gen.Choose(0, most).SelectMany(count => Gen.ArrayOf(item, count)).Select(items => items.ToList());

    private static byte[][] Queries() =>
    [
        MessageOctets.Query().ToArray(),
        MessageOctets.Query(1).Opt(4096, 0x8000, 0, 10, 0, 2, 1, 2, 0, 8, 0, 0).ToArray(),
        MessageOctets.Query(2).UInt16(0xC00C).Record(2, 1, 60, 2, 0x6E, 0x73, 0xC0, 0x10).Opt().ToArray(),
    ];

    private static Gen<byte[]> Damage(byte[] message) =>
        from edits in ListOf(Gen.Choose(0, Math.Max(0, message.Length - 1)).SelectMany(at => Gen.Frequency(
            (3, s_any), (2, Gen.Elements<byte>(0, 1, 0x3F, 0x40, 0xC0, 0xFF))).Select(octet => (at, octet))), 4)
        from cut in Gen.Frequency((3, Gen.Constant(message.Length)), (1, Gen.Choose(0, message.Length)))
        select Edit(message, edits, cut);

    private static byte[] Edit(byte[] message, List<(int At, byte Octet)> edits, int cut)
    {
        var copy = message.ToArray();
        foreach (var (at, octet) in edits)
        {
            copy[at] = octet;
        }

        return copy[..cut];
    }

    private static Gen<byte[]> Label() => Gen.Frequency(
        (5, Gen.Choose(1, 3).SelectMany(length => Gen.ArrayOf(s_octet, length))),
        (1, Gen.Choose(4, 63).SelectMany(length => Gen.ArrayOf(s_octet, length))));
}
