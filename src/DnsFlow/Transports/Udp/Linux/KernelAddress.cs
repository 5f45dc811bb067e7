using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>The kernel's <c>sockaddr_in</c> and <c>sockaddr_in6</c> in one; padded to 32 octets so that an array of them stays aligned.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct KernelAddress
{
    /// <summary>The length of <c>sockaddr_in6</c>, the longer of the two.</summary>
    public const uint MaxLength = 28;

    private const uint IPv4Length = 16;

    // Linux numbers; the framework's AddressFamily has its own.
    private const ushort FamilyIPv4 = 2;
    private const ushort FamilyIPv6 = 10;

    [FieldOffset(0)]
    private ushort _family;

    [FieldOffset(2)]
    private fixed byte _port[2];

    [FieldOffset(4)]
    private fixed byte _ipv4[4];

    [FieldOffset(8)]
    private fixed byte _ipv6[16];

    [FieldOffset(24)]
    private uint _scope;

    /// <summary>
    /// Writes an endpoint for a socket of the given family and returns the length. An IPv6 socket gets the v4-mapped form of an IPv4 endpoint.
    /// An IPv4 socket gets an IPv6 endpoint as it is: the kernel refuses it, and the datagram is counted as not sent.
    /// </summary>
    public uint Write(in FlowEndpoint endpoint, bool isIPv4Socket)
    {
        fixed (KernelAddress* self = &this)
        {
            BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(self->_port, 2), endpoint.Port);
            if (isIPv4Socket && endpoint.IsIPv4)
            {
                _family = FamilyIPv4;
                BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(self->_ipv4, 4), endpoint.IPv4);
                return IPv4Length;
            }

            _family = FamilyIPv6;
            new Span<byte>(self->_ipv4, 4).Clear(); // the flow label
            endpoint.WriteIPv6(new Span<byte>(self->_ipv6, 16));
            _scope = endpoint.Scope;
            return MaxLength;
        }
    }

    /// <summary>Reads what the kernel wrote.</summary>
    public FlowEndpoint Read()
    {
        fixed (KernelAddress* self = &this)
        {
            var port = BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(self->_port, 2));
            return _family == FamilyIPv4
                ? FlowEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(self->_ipv4, 4)), port)
                : FlowEndpoint.FromIPv6(new ReadOnlySpan<byte>(self->_ipv6, 16), _scope, port);
        }
    }
}
