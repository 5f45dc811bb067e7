using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>An EUI-48 or EUI-64 address: pairs of hexadecimal digits with hyphens between (RFC 7043).</summary>
internal sealed class EuiField(int size) : RdataField
{
    public override bool TryRead(ref RdataReader reader) => reader.TryTake(size, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTake(size, out var octets))
        {
            return false;
        }

        text.AppendJoin('-', Convert.ToHexStringLower(octets).Chunk(2).Select(pair => new string(pair)));
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        var expected = $"{size} pairs of hexadecimal digits with hyphens between";
        if (!parser.TryTakeBare(expected, out var word))
        {
            return false;
        }

        var count = 0;
        foreach (var part in word.Split('-'))
        {
            var pair = word[part];
            if (++count > size || pair.Length != 2 || !TextEncoding.Hex.TryDecode(pair, parser.Output))
            {
                return parser.Fail(expected, word);
            }
        }

        return count == size || parser.Fail(expected, word);
    }
}
