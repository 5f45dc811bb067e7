using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>64 bits as four groups of hexadecimal digits: node identifiers and locators (RFC 6742).</summary>
internal sealed class Locator64Field : RdataField
{
    public override bool TryRead(ref RdataReader reader) => reader.TryTake(8, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTake(8, out var octets))
        {
            return false;
        }

        var all = BigEndian.Read(octets);
        text.Append(CultureInfo.InvariantCulture, $"{all >> 48:x4}:{(ushort)(all >> 32):x4}:{(ushort)(all >> 16):x4}:{(ushort)all:x4}");
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        const string Expected = "four groups of one to four hexadecimal digits with colons between";
        if (!parser.TryTakeBare(Expected, out var word))
        {
            return false;
        }

        var count = 0;
        foreach (var part in word.Split(':'))
        {
            var group = word[part];
            if (++count > 4 || group.Length > 4
                || !ushort.TryParse(group, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
            {
                return parser.Fail(Expected, word);
            }

            parser.WriteUInt16(number);
        }

        return count == 4 || parser.Fail(Expected, word);
    }
}
