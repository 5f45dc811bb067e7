using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Proxied;

/// <summary>
/// The header by which a load balancer says who its client is: PROXY protocol version 1 (a line of text) and 2 (binary), as HAProxy defined them.
/// </summary>
/// <param name="Length">The octets of the header; what follows is the client's.</param>
/// <param name="Client">The client; null when the balancer speaks for itself (LOCAL, UNKNOWN).</param>
/// <param name="Addressed">What the client addressed; null as well.</param>
internal readonly record struct ProxyHeader(int Length, FlowEndpoint? Client, FlowEndpoint? Addressed)
{
    /// <summary>The shortest header of either version; so many octets tell the version.</summary>
    public const int MinLength = 15;

    /// <summary>The fixed part of version 2, which ends with the length of the rest.</summary>
    public const int BinaryPrefix = 16;

    /// <summary>The longest header of version 1, its end of line included.</summary>
    public const int MaxTextLength = 107;

    /// <summary>The longest header that is taken; version 2 has extensions behind the addresses, which are skipped.</summary>
    public const int MaxLength = 1_024;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Whether octets begin as version 2 does. At least <see cref="MinLength"/> of them.</summary>
    public static bool IsBinary(ReadOnlySpan<byte> octets) => octets.StartsWith(Signature);

    /// <summary>The length of a header of version 2 by its prefix; more than <see cref="MaxLength"/> when it is not taken.</summary>
    public static int BinaryLength(ReadOnlySpan<byte> prefix) => BinaryPrefix + BinaryPrimitives.ReadUInt16BigEndian(prefix[14..]);

    /// <summary>Reads a header at the beginning of octets; false when there is none, or not all of it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out ProxyHeader header)
    {
        header = default;
        return octets.Length >= MinLength && (IsBinary(octets) ? TryReadBinary(octets, out header) : TryReadText(octets, out header));
    }

    private static bool TryReadBinary(ReadOnlySpan<byte> octets, out ProxyHeader header)
    {
        header = default;
        if (octets.Length < BinaryPrefix || BinaryLength(octets) is var length && (length > octets.Length || length > MaxLength))
        {
            return false;
        }

        header = new ProxyHeader(length, null, null);
        var (command, family) = (octets[12], octets[13]);
        if (command == 0x20 || (command == 0x21 && family >> 4 == 0))
        {
            return true;        // LOCAL, or of a family that is not told
        }

        var size = (family >> 4) switch { 1 => 4, 2 => 16, _ => 0 };
        var rest = octets[BinaryPrefix..length];
        if (command != 0x21 || size == 0 || rest.Length < (2 * size) + 4)
        {
            return false;
        }

        header = new ProxyHeader(length, Endpoint(rest[..size], rest[(2 * size)..]), Endpoint(rest.Slice(size, size), rest[((2 * size) + 2)..]));
        return true;
    }

    private static FlowEndpoint Endpoint(ReadOnlySpan<byte> address, ReadOnlySpan<byte> port)
        => FlowEndpoint.From(new IPAddress(address), BinaryPrimitives.ReadUInt16BigEndian(port));

    private static bool TryReadText(ReadOnlySpan<byte> octets, out ProxyHeader header)
    {
        header = default;
        var end = octets[..Math.Min(octets.Length, MaxTextLength)].IndexOf("\r\n"u8);
        if (end < 0 || !octets.StartsWith("PROXY "u8))
        {
            return false;
        }

        var words = Encoding.ASCII.GetString(octets[..end]).Split(' ');
        header = new ProxyHeader(end + 2, null, null);
        if (words[1] == "UNKNOWN")
        {
            return true;
        }

        if (words is not ["PROXY", "TCP4" or "TCP6", var client, var addressed, var clientPort, var addressedPort]
            || !TryEndpoint(words[1], client, clientPort, out var from) || !TryEndpoint(words[1], addressed, addressedPort, out var to))
        {
            return false;
        }

        header = new ProxyHeader(end + 2, from, to);
        return true;
    }

    private static bool TryEndpoint(string family, string text, string portText, out FlowEndpoint endpoint)
    {
        endpoint = default;
        if (!IPAddress.TryParse(text, out var address) || !ushort.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || address.AddressFamily != (family == "TCP4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6))
        {
            return false;
        }

        endpoint = FlowEndpoint.From(address, port);
        return true;
    }
}
