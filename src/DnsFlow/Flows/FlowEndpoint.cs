using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace DnsFlow.Flows;

/// <summary>
/// An address and port as a plain value: no allocation, compared and hashed in a few instructions. IPv4 addresses are held in their
/// v4-mapped form, so a client has one shape whatever socket it came by. The scope is kept for link-local addresses only.
/// </summary>
/// <param name="High">The first eight octets of the IPv6 (or v4-mapped) address, big-endian.</param>
/// <param name="Low">The last eight octets.</param>
/// <param name="Scope">The interface index of a link-local address, else 0.</param>
/// <param name="Port">The port, host order.</param>
public readonly record struct FlowEndpoint(ulong High, ulong Low, uint Scope, ushort Port)
{
    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    /// <summary>Whether the address is an IPv4 one.</summary>
    public bool IsIPv4 => High == 0 && (Low & 0xFFFF_FFFF_0000_0000) == MappedPrefix;

    /// <summary>The IPv4 address, host order; meaningful when <see cref="IsIPv4"/>.</summary>
    public uint IPv4 => (uint)Low;

    /// <summary>Whether the address is 127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsIPv4 ? IPv4 >> 24 == 127 : High == 0 && Low == 1;

    /// <summary>Whether the address is the wildcard of its family.</summary>
    public bool IsAny => High == 0 && (Low == 0 || Low == MappedPrefix);

    /// <summary>Whether the address is fe80::/10.</summary>
    public bool IsLinkLocal => High >> 54 == 0x3FA;

    /// <summary>Makes an endpoint of an IPv4 address in host order.</summary>
    public static FlowEndpoint FromIPv4(uint address, ushort port) => new(0, MappedPrefix | address, 0, port);

    /// <summary>Makes an endpoint of the 16 octets of an IPv6 address; the scope is dropped unless the address is link-local.</summary>
    public static FlowEndpoint FromIPv6(ReadOnlySpan<byte> address, uint scope, ushort port)
    {
        var endpoint = new FlowEndpoint(
            BinaryPrimitives.ReadUInt64BigEndian(address), BinaryPrimitives.ReadUInt64BigEndian(address[8..]), scope, port);
        return endpoint.IsLinkLocal ? endpoint : endpoint with { Scope = 0 };
    }

    /// <summary>Makes an endpoint of a framework address and port.</summary>
    public static FlowEndpoint From(IPAddress address, int port)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var length);
        return length == 4
            ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(octets), (ushort)port)
            : FromIPv6(octets, (uint)address.ScopeId, (ushort)port);
    }

    /// <summary>Makes an endpoint of a framework endpoint.</summary>
    public static FlowEndpoint From(IPEndPoint endpoint) => From(endpoint.Address, endpoint.Port);

    /// <summary>Writes the address in network order: 4 octets of an IPv4 address, else 16; returns how many.</summary>
    public int WriteAddress(Span<byte> destination)
    {
        if (IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, IPv4);
            return 4;
        }

        WriteIPv6(destination);
        return 16;
    }

    /// <summary>Writes the 16 octets of the IPv6 (or v4-mapped) address.</summary>
    public void WriteIPv6(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    /// <summary>The address as the framework's type. Allocates.</summary>
    public IPAddress ToAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        WriteIPv6(octets);
        return IsIPv4 ? new IPAddress(octets[12..]) : new IPAddress(octets, Scope);
    }

    /// <summary>The endpoint as the framework's type. Allocates.</summary>
    public IPEndPoint ToIPEndPoint() => new(ToAddress(), Port);

    /// <summary>The family a socket towards this endpoint has.</summary>
    public AddressFamily Family => IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    /// <inheritdoc/>
    public override string ToString() => ToIPEndPoint().ToString();
}
