using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Udp.Portable;

/// <summary>
/// The reused <see cref="SocketAddress"/> of one socket: written for each datagram sent and read for each received, with no allocation. Port,
/// address and scope lie at the same place in it on every system the runtime supports; only the first two octets differ, and the
/// framework has written those.
/// </summary>
internal sealed class PeerAddress
{
    private const int PortAt = 2;
    private const int IPv4At = 4;
    private const int FlowLabelAt = 4;
    private const int IPv6At = 8;
    private const int ScopeAt = 24;

    private readonly bool _isIPv4;
    private readonly int _size;

    /// <summary>Makes the address for a socket of the family.</summary>
    public PeerAddress(AddressFamily family)
    {
        _isIPv4 = family == AddressFamily.InterNetwork;
        Value = new IPEndPoint(_isIPv4 ? IPAddress.Any : IPAddress.IPv6Any, 0).Serialize();
        _size = Value.Size;
    }

    /// <summary>What the framework's calls take.</summary>
    public SocketAddress Value { get; }

    /// <summary>Whether the socket can send to the endpoint: one of IPv4 reaches IPv4 only.</summary>
    public bool CanReach(in FlowEndpoint endpoint) => !_isIPv4 || endpoint.IsIPv4;

    /// <summary>Writes the endpoint; IPv4 in the v4-mapped form when the socket is one of IPv6.</summary>
    public void Write(in FlowEndpoint endpoint)
    {
        Value.Size = _size;
        var octets = Value.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(octets[PortAt..], endpoint.Port);
        if (_isIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets[IPv4At..], endpoint.IPv4);
            return;
        }

        octets.Slice(FlowLabelAt, sizeof(uint)).Clear();
        endpoint.WriteIPv6(octets[IPv6At..]);
        BitConverter.TryWriteBytes(octets[ScopeAt..], endpoint.Scope);
    }

    /// <summary>Reads what the last receive wrote.</summary>
    public FlowEndpoint Read()
    {
        var octets = Value.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(octets[PortAt..]);
        return _isIPv4
            ? FlowEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(octets[IPv4At..]), port)
            : FlowEndpoint.FromIPv6(octets.Slice(IPv6At, 16), BitConverter.ToUInt32(octets[ScopeAt..]), port);
    }

    /// <summary>Makes the whole size available to the next receive, which sets it to what the sender's address took.</summary>
    public void Reset() => Value.Size = _size;
}
