using DnsFlow.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Protocol;

/// <summary>Random pieces of messages.</summary>
internal static class ProtocolArbitraries
{
    private static readonly Gen<byte> s_octet = Gen.Frequency<byte>(
        (6, Gen.Elements("abcXYZ019-_"u8.ToArray())), (1, Gen.Choose(0, 255).Select(i => (byte)i)));

    /// <summary>Names of up to eight labels, mostly of few letters so that they share suffixes.</summary>
    public static Gen<DomainName> Name { get; } =
        from labels in Gen.Choose(0, 8).SelectMany(count => Gen.ArrayOf(Label(), count))
        select labels.Aggregate(DomainName.Root, (name, label) => name.TryPrepend(label, out var longer) ? longer : name);

    public static Arbitrary<DomainName> Names() => Name.ToArbitrary();

    private static Gen<byte[]> Label() => Gen.Frequency(
        (5, Gen.Choose(1, 3).SelectMany(length => Gen.ArrayOf(s_octet, length))),
        (1, Gen.Choose(4, 63).SelectMany(length => Gen.ArrayOf(s_octet, length))));
}
