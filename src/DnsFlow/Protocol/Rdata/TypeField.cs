using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>A record type, written as its mnemonic or <c>TYPEnnn</c>.</summary>
internal sealed class TypeField : RdataField
{
    public override bool TryRead(ref RdataReader reader) => reader.TryTake(2, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTakeUInt16(out var number))
        {
            return false;
        }

        text.Append(((RecordType)number).ToText());
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (!parser.TryTakeBare("a type", out var word))
        {
            return false;
        }

        // Some writers give the number alone; SIG(0) covers type 0, which has no mnemonic.
        if (!RecordTypes.TryParse(word, out var type))
        {
            if (!ushort.TryParse(word, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number))
            {
                return parser.Fail("a type", word);
            }

            type = (RecordType)number;
        }

        parser.WriteUInt16((ushort)type);
        return true;
    }
}
