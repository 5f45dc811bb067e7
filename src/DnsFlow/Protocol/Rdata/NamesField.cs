using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>Any number of names up to the end of the RDATA (HIP's rendezvous servers, RFC 8005).</summary>
internal sealed class NamesField : RdataField
{
    public override bool TryRead(ref RdataReader reader)
    {
        while (!reader.IsAtEnd)
        {
            if (!RdataFields.Name.TryRead(ref reader))
            {
                return false;
            }
        }

        return true;
    }

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        for (var first = true; !reader.IsAtEnd; first = false)
        {
            if (!first)
            {
                text.Append(' ');
            }

            if (!RdataFields.Name.TryPrint(ref reader, text))
            {
                return false;
            }
        }

        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        while (!parser.IsAtEnd)
        {
            if (!RdataFields.Name.TryParse(ref parser))
            {
                return false;
            }
        }

        return true;
    }
}
