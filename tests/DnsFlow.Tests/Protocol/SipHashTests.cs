using DnsFlow.Protocol;

namespace DnsFlow.Tests.Protocol;

public class SipHashTests
{
    /// <summary>From the reference implementation: key 00 to 0f, data 00, 01, 02 ... of each length.</summary>
    [Theory]
    [InlineData(0, 0x726FDB47DD0E0E31)]
    [InlineData(7, 0xAB0200F58B01D137)]
    [InlineData(8, 0x93F5F5799A932462)]
    [InlineData(15, 0xA129CA6149BE45E5)]
    public void Hash_ReferenceVectors(int length, ulong expected)
        => Assert.Equal(expected, SipHash.Hash([.. Octets(16)], [.. Octets(length)]));

    private static IEnumerable<byte> Octets(int count) => Enumerable.Range(0, count).Select(static octet => (byte)octet);
}
