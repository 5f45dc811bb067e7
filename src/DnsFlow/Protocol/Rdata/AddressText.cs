using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DnsFlow.Protocol.Rdata;

/// <summary>Addresses as zone files write them: four decimal numbers, or RFC 4291's text; no zone ids, brackets, octal or short forms.</summary>
internal static class AddressText
{
    private static readonly SearchValues<char> s_legal = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>Reads an address of the destination's size, 4 or 16 octets.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, Span<byte> octets) => octets.Length == 4 ? TryParse4(text, octets) : TryParse6(text, octets);

    private static bool TryParse4(ReadOnlySpan<char> text, Span<byte> octets)
    {
        var count = 0;
        foreach (var part in text.Split('.'))
        {
            var number = text[part];
            if (count == 4 || (number.Length > 1 && number[0] == '0')
                || !byte.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out octets[count]))
            {
                return false;
            }

            count++;
        }

        return count == 4;
    }

    private static bool TryParse6(ReadOnlySpan<char> text, Span<byte> octets) =>
        text.IndexOfAnyExcept(s_legal) < 0
        && text.Contains(':')
        && IPAddress.TryParse(text, out var address)
        && address.AddressFamily == AddressFamily.InterNetworkV6
        && address.TryWriteBytes(octets, out _);
}
