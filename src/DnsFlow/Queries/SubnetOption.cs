using System.Buffers.Binary;
using DnsFlow.Flows;

namespace DnsFlow.Queries;

/// <summary>The network a question is asked for (EDNS Client Subnet, RFC 7871 section 6); bits behind the prefix are 0.</summary>
/// <param name="High">The upper half of the address, as <see cref="FlowEndpoint"/> has it.</param>
/// <param name="Low">The lower half.</param>
/// <param name="Prefix">SOURCE PREFIX-LENGTH: of 32 bits for IPv4, of 128 for IPv6.</param>
internal readonly record struct SubnetOption(ulong High, ulong Low, byte Prefix)
{
    /// <summary>The most octets of the option, its head counted.</summary>
    public const int MaxSize = 4 + 4 + 16;

    /// <summary>Whether it is an IPv4 network.</summary>
    public bool IsIPv4 => Address.IsIPv4;

    /// <summary>The octets of the option's data.</summary>
    public int Size => 4 + ((Prefix + 7) / 8);

    private FlowEndpoint Address => new(High, Low, 0, 0);

    /// <summary>The network of an address.</summary>
    public static SubnetOption Of(in FlowEndpoint address, int prefix4, int prefix6)
    {
        var prefix = address.IsIPv4 ? prefix4 : prefix6;
        var (high, low) = NetworkSet.Mask(address.IsIPv4 ? 96 + prefix : prefix);
        return new SubnetOption(address.High & high, address.Low & low, (byte)prefix);
    }

    /// <summary>Reads the data of an option; false when it is malformed, which deserves FORMERR in a query (RFC 7871 section 7.1.2).</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out SubnetOption subnet)
    {
        subnet = default;
        var family = data.Length < 4 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(data);
        if (family is not (1 or 2) || data[2] > (family == 1 ? 32 : 128) || data.Length != 4 + ((data[2] + 7) / 8))
        {
            return false;
        }

        Span<byte> octets = stackalloc byte[16];
        octets.Clear();
        data[4..].CopyTo(octets);
        var address = family == 1 ? FlowEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(octets), 0) : FlowEndpoint.FromIPv6(octets, 0, 0);
        subnet = Of(address, data[2], data[2]);
        return address.IsIPv4 == (family == 1) && subnet.High == address.High && subnet.Low == address.Low;
    }

    /// <summary>Writes the data of the option.</summary>
    public void Write(Span<byte> data, byte scope)
    {
        Span<byte> octets = stackalloc byte[16];
        Address.WriteAddress(octets);
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)(IsIPv4 ? 1 : 2));
        (data[2], data[3]) = (Prefix, scope);
        octets[..(Size - 4)].CopyTo(data[4..]);
    }
}
