using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>An NSAP address: <c>0x</c> and hexadecimal digits, dots ignored (RFC 1706 section 5).</summary>
internal sealed class NsapField : RdataField
{
    public override bool TryRead(ref RdataReader reader) => !reader.IsAtEnd && reader.TryTake(reader.Rest.Length, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        reader.TryTake(reader.Rest.Length, out var octets);
        text.Append("0x").Append(Convert.ToHexString(octets));
        return !octets.IsEmpty;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        const string Expected = "0x and hexadecimal digits in pairs";
        if (!parser.TryTakeBare(Expected, out var word))
        {
            return false;
        }

        return (word.Length > 2 && word.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                && TextEncoding.Hex.TryDecode(word[2..].ToString().Replace(".", "", StringComparison.Ordinal), parser.Output))
            || parser.Fail(Expected, word);
    }
}
