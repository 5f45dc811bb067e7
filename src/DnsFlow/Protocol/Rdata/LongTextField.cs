using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>Text up to the end of the RDATA, written as one string that may be longer than 255 octets (CAA's value, URI's target).</summary>
internal sealed class LongTextField : RdataField
{
    public override bool TryRead(ref RdataReader reader) => reader.TryTake(reader.Rest.Length, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        reader.TryTake(reader.Rest.Length, out var octets);
        Escapes.AppendQuoted(text, octets);
        return true;
    }

    public override bool TryParse(ref RdataParser parser) =>
        parser.TryTake("a string", out var token)
        && (Escapes.TryDecode(token.Span, parser.Output) || parser.Fail("a string with escapes \\X or \\DDD up to \\255 only", token.Span));
}
