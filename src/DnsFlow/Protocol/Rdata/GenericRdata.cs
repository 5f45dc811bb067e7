using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>The generic presentation form of any RDATA: <c>\# length hex</c> (RFC 3597 section 5).</summary>
internal static class GenericRdata
{
    /// <summary>Reads it, and checks it against <paramref name="layout"/> where the type is known. Returns what is wrong, or null.</summary>
    public static string? Parse(ref RdataParser parser, RdataLayout? layout, out byte[]? rdata)
    {
        rdata = null;
        parser.TryTake("\\#", out _);
        if (!parser.TryTakeBare("a length", out var word))
        {
            return parser.Error;
        }

        if (!ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return "the length behind \\# is a number from 0 to 65535";
        }

        parser.TryTakeRest(out var digits);
        if (!TextEncoding.Hex.TryDecode(digits, parser.Output) || parser.Output.Count != length)
        {
            return $"behind \\# {length} come exactly {length} octets as pairs of hexadecimal digits";
        }

        byte[] octets = [.. parser.Output];
        if (layout is not null)
        {
            var reader = RdataReader.ForRdata(octets);
            if (!layout.TryRead(ref reader))
            {
                return "the octets behind \\# are not what the type asks for";
            }
        }

        rdata = octets;
        return null;
    }

    /// <summary>Prints it.</summary>
    public static void Print(ReadOnlySpan<byte> rdata, StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"\\# {rdata.Length}");
        if (!rdata.IsEmpty)
        {
            text.Append(' ').Append(Convert.ToHexString(rdata));
        }
    }
}
