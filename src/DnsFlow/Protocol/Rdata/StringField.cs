using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>A character-string: one octet that counts, and up to 255 (RFC 1035 section 3.3). An optional one may be left out at the end.</summary>
internal sealed class StringField(bool isOptional) : RdataField
{
    public override bool TryRead(ref RdataReader reader) => (isOptional && reader.IsAtEnd) || reader.TryTakeCounted(out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (isOptional && reader.IsAtEnd)
        {
            return true;
        }

        if (!reader.TryTakeCounted(out var octets))
        {
            return false;
        }

        Escapes.AppendQuoted(text, octets);
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (isOptional && parser.IsAtEnd)
        {
            return true;
        }

        if (!parser.TryTake("a string", out var token))
        {
            return false;
        }

        var start = parser.Output.Count;
        parser.Output.Add(0);
        if (!Escapes.TryDecode(token.Span, parser.Output))
        {
            return parser.Fail("a string with escapes \\X or \\DDD up to \\255 only", token.Span);
        }

        var length = parser.Output.Count - start - 1;
        if (length > 255)
        {
            return parser.Fail("a string of at most 255 octets", token.Span);
        }

        parser.Output[start] = (byte)length;
        return true;
    }
}
