using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>One or more character-strings up to the end of the RDATA.</summary>
internal sealed class StringsField : RdataField
{
    public override bool TryRead(ref RdataReader reader)
    {
        do
        {
            if (!reader.TryTakeCounted(out _))
            {
                return false;
            }
        }
        while (!reader.IsAtEnd);

        return true;
    }

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        for (var first = true; first || !reader.IsAtEnd; first = false)
        {
            if (!first)
            {
                text.Append(' ');
            }

            if (!RdataFields.CharString.TryPrint(ref reader, text))
            {
                return false;
            }
        }

        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        do
        {
            if (!RdataFields.CharString.TryParse(ref parser))
            {
                return false;
            }
        }
        while (!parser.IsAtEnd);

        return true;
    }
}
