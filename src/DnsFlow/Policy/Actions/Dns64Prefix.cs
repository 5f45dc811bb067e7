using System.Net;
using System.Net.Sockets;

namespace DnsFlow.Policy.Actions;

/// <summary>Where IPv4 addresses lie inside of IPv6 ones: behind a prefix, around the octet that is always zero (RFC 6052 section 2.2). Immutable.</summary>
internal sealed class Dns64Prefix
{
    private const int ZeroOctet = 8;

    private readonly byte[] _prefix;
    private readonly int _length;

    private Dns64Prefix(byte[] prefix, int length) => (_prefix, _length) = (prefix, length);

    /// <summary>Whether it is the well-known one, which must not be put before private addresses (RFC 6052 section 3.1).</summary>
    public bool IsWellKnown => _length == 12 && new IPAddress(_prefix).Equals(IPAddress.Parse("64:ff9b::"));

    /// <summary>Reads a network; false unless its length is one of 32, 40, 48, 56, 64 and 96.</summary>
    public static bool TryMake(IPNetwork network, out Dns64Prefix prefix)
    {
        prefix = new(network.BaseAddress.GetAddressBytes(), network.PrefixLength / 8);
        return network is { BaseAddress.AddressFamily: AddressFamily.InterNetworkV6, PrefixLength: 32 or 40 or 48 or 56 or 64 or 96 } && (network.PrefixLength <= 64 || prefix._prefix[ZeroOctet] == 0);
    }

    /// <summary>The IPv6 address that stands for an IPv4 one.</summary>
    public byte[] Embed(ReadOnlySpan<byte> address)
    {
        var embedded = new byte[16];
        _prefix.AsSpan(0, _length).CopyTo(embedded);
        for (int i = 0, position = _length; i < 4; i++, position++)
        {
            position += position == ZeroOctet ? 1 : 0;
            embedded[position] = address[i];
        }

        return embedded;
    }

    /// <summary>The IPv4 address that an IPv6 one stands for; false when it lies elsewhere.</summary>
    public bool TryExtract(ReadOnlySpan<byte> address, Span<byte> extracted)
    {
        if (!address[.._length].SequenceEqual(_prefix.AsSpan(0, _length)) || (_length < 12 && address[ZeroOctet] != 0))
        {
            return false;
        }

        for (int i = 0, position = _length; i < 4; i++, position++)
        {
            position += position == ZeroOctet ? 1 : 0;
            extracted[i] = address[position];
        }

        return true;
    }
}
