using System.Globalization;
using System.Net;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>A list of address prefixes: <c>[!]family:address/prefix</c>, family 1 for IPv4 and 2 for IPv6 (APL, RFC 3123).</summary>
internal sealed class AddressPrefixesField : RdataField
{
    public override bool TryRead(ref RdataReader reader)
    {
        while (!reader.IsAtEnd)
        {
            if (!reader.TryTake(4, out var head) || !reader.TryTake(head[3] & 0x7F, out var address)
                || address is [.., 0]       // trailing zero octets are left out (section 4)
                || !IsPrefixLegal(head, address.Length))
            {
                return false;
            }
        }

        return true;
    }

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        Span<byte> octets = stackalloc byte[16];
        for (var separator = ""; !reader.IsAtEnd; separator = " ")
        {
            if (!reader.TryTake(4, out var head) || !reader.TryTake(head[3] & 0x7F, out var address)
                || address is [.., 0] || Size(head[1]) == 0 || head[0] != 0 || !IsPrefixLegal(head, address.Length))
            {
                return false;
            }

            octets.Clear();
            address.CopyTo(octets);
            text.Append(separator).Append((head[3] & 0x80) != 0 ? "!" : "")
                .Append(CultureInfo.InvariantCulture, $"{head[1]}:{new IPAddress(octets[..Size(head[1])])}/{head[2]}");
        }

        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        while (!parser.IsAtEnd)
        {
            if (!parser.TryTakeBare("an address prefix", out var word))
            {
                return false;
            }

            if (!TryParsePrefix(word, parser.Output))
            {
                return parser.Fail("an address prefix as in !1:192.0.2.0/24 or 2:2001:db8::/32", word);
            }
        }

        return true;
    }

    private static bool TryParsePrefix(ReadOnlySpan<char> word, List<byte> output)
    {
        var negated = word.StartsWith('!');
        var rest = negated ? word[1..] : word;
        var colon = rest.IndexOf(':');
        var slash = rest.LastIndexOf('/');
        if (colon != 1 || slash < 0 || rest[0] is not ('1' or '2'))
        {
            return false;
        }

        Span<byte> octets = stackalloc byte[16];
        octets = octets[..Size(rest[0] - '0')];
        if (!AddressText.TryParse(rest[2..slash], octets)
            || !byte.TryParse(rest[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) || prefix > octets.Length * 8)
        {
            return false;
        }

        var length = octets.LastIndexOfAnyExcept((byte)0) + 1;
        output.AddRange([0, (byte)(rest[0] - '0'), prefix, (byte)(length | (negated ? 0x80 : 0)), .. octets[..length]]);
        return true;
    }

    private static bool IsPrefixLegal(ReadOnlySpan<byte> head, int length)
    {
        var size = head[0] == 0 ? Size(head[1]) : 0;
        return size == 0 || (length <= size && head[2] <= size * 8);
    }

    private static int Size(int family) => family switch { 1 => 4, 2 => 16, _ => 0 };
}
