using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>CAA's property tag: a counted string of ASCII letters and digits, never empty (RFC 8659 section 4.1).</summary>
internal sealed class TagField : RdataField
{
    public override bool TryRead(ref RdataReader reader) => reader.TryTakeCounted(out var tag) && !tag.IsEmpty;

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTakeCounted(out var tag) || tag.IsEmpty)
        {
            return false;
        }

        foreach (var octet in tag)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet))
            {
                return false;
            }

            text.Append((char)octet);
        }

        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (!parser.TryTakeBare("a tag", out var word))
        {
            return false;
        }

        if (word.Length is 0 or > 255)
        {
            return parser.Fail("a tag of 1 to 255 letters and digits", word);
        }

        parser.Output.Add((byte)word.Length);
        foreach (var c in word)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                return parser.Fail("a tag of 1 to 255 letters and digits", word);
            }

            parser.Output.Add((byte)c);
        }

        return true;
    }
}
