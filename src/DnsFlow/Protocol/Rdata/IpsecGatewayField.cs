using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>IPSECKEY's gateway type, algorithm and gateway (RFC 4025 section 2).</summary>
internal sealed class IpsecGatewayField : RdataField
{
    public override bool TryRead(ref RdataReader reader) => reader.TryTake(2, out var head) && GatewayAddress.TryRead(head[0], ref reader);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTake(2, out var head))
        {
            return false;
        }

        text.Append(CultureInfo.InvariantCulture, $"{head[0]} {head[1]} ");
        return GatewayAddress.TryPrint(head[0], ref reader, text);
    }

    public override bool TryParse(ref RdataParser parser) =>
        RdataFields.U8.TryParse(ref parser)
        && RdataFields.U8.TryParse(ref parser)
        && GatewayAddress.TryParse(parser.Output[^2], ref parser);
}
