using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;
using System.Net;
using DnsFlow.Flows;
using DnsFlow.Settings;

namespace DnsFlow.Clients;

/// <summary>Addresses from one to another, both included; IPv4 ones in their v4-mapped form. A plain value.</summary>
/// <param name="First">The first address, as a number.</param>
/// <param name="Last">The last address.</param>
public readonly record struct AddressRange(UInt128 First, UInt128 Last)
{
    private const int FamilyBits = 32;

    /// <summary>Every IPv4 address.</summary>
    public static AddressRange AllIPv4 { get; } = new((UInt128)0xFFFF << FamilyBits, ((UInt128)0xFFFF << FamilyBits) | uint.MaxValue);

    /// <summary>Whether these are IPv4 addresses.</summary>
    public bool IsIPv4 => AllIPv4.Contains(this);

    /// <summary>Whether every address of <paramref name="other"/> is one of these.</summary>
    public bool Contains(AddressRange other) => First <= other.First && other.Last <= Last;

    /// <summary>The number of an endpoint's address.</summary>
    public static UInt128 NumberOf(in FlowEndpoint endpoint) => new(endpoint.High, endpoint.Low);

    /// <summary>The addresses of a network.</summary>
    public static AddressRange Of(IPNetwork network)
    {
        var first = NumberOf(FlowEndpoint.From(network.BaseAddress, 0));
        var bits = (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) - network.PrefixLength;
        return new(first, bits == 128 ? UInt128.MaxValue : first | ((UInt128.One << bits) - 1));
    }

    /// <summary>Reads <c>192.168.1.9</c>, <c>192.168.0.0/16</c> or <c>192.168.1.40-192.168.1.49</c>; false with the reason when it is none of these.</summary>
    public static bool TryParse(string text, out AddressRange range, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        (range, error) = (default, null);
        if (NetworkText.TryParseNetwork(text, out var network))
        {
            range = Of(network);
            return true;
        }

        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0 || !NetworkText.TryParseAddress(text[..dash].Trim(), out var first) || !NetworkText.TryParseAddress(text[(dash + 1)..].Trim(), out var last))
        {
            error = text.Contains('/', StringComparison.Ordinal) ? "bits are set behind the prefix, or it is no address" : "it is no address, network or range";
            return false;
        }

        range = new(NumberOf(FlowEndpoint.From(first, 0)), NumberOf(FlowEndpoint.From(last, 0)));
        error = first.AddressFamily != last.AddressFamily ? "the ends of the range are of two families"
            : range.First > range.Last ? "the range ends before it begins" : null;
        return error is null;
    }

    /// <summary>The range as it is written: an address, a network, or two addresses with a dash.</summary>
    public override string ToString()
    {
        if (First == Last)
        {
            return Address(First).ToString();
        }

        // One less than a power of two when the whole of a network is meant; of everything the size does not fit.
        var size = Last - First;
        return (size & (size + 1)) == 0 && (First & size) == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Address(First)}/{(IsIPv4 ? 32 : 128) - (int)UInt128.PopCount(size)}")
            : $"{Address(First)}-{Address(Last)}";
    }

    private static IPAddress Address(UInt128 number)
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, number);
        return AllIPv4.Contains(new(number, number)) ? new IPAddress(octets[12..]) : new IPAddress(octets);
    }
}
