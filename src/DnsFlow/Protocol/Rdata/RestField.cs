using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>Octets up to the end of the RDATA, written encoded and in as many words as one likes.</summary>
internal sealed class RestField(TextEncoding encoding, bool isOptional) : RdataField
{
    public override bool TryRead(ref RdataReader reader) => (isOptional || !reader.IsAtEnd) && reader.TryTake(reader.Rest.Length, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (reader.IsAtEnd)
        {
            return isOptional;
        }

        reader.TryTake(reader.Rest.Length, out var octets);
        text.Append(encoding.Encode(octets));
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        parser.TryTakeRest(out var joined);
        if (joined.Length == 0)
        {
            return isOptional || parser.Fail($"{encoding.Name} is missing");
        }

        return encoding.TryDecode(joined, parser.Output) || parser.Fail(encoding.Name, joined);
    }
}
