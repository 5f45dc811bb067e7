using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>One octet that counts, and as many octets, written as one encoded word; <c>-</c> where there are none (RFC 5155 section 3.3).</summary>
internal sealed class CountedField(TextEncoding encoding) : RdataField
{
    public override bool TryRead(ref RdataReader reader) => reader.TryTakeCounted(out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTakeCounted(out var octets))
        {
            return false;
        }

        text.Append(octets.IsEmpty ? "-" : encoding.Encode(octets));
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (!parser.TryTakeBare(encoding.Name, out var word))
        {
            return false;
        }

        var start = parser.Output.Count;
        parser.Output.Add(0);
        if (word is "-")
        {
            return true;
        }

        if (word.IsEmpty || !encoding.TryDecode(word, parser.Output) || parser.Output.Count - start - 1 > 255)
        {
            return parser.Fail(encoding.Name + ", at most 255 octets,", word);
        }

        parser.Output[start] = (byte)(parser.Output.Count - start - 1);
        return true;
    }
}
