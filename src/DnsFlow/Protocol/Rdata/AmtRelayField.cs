using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>AMTRELAY's discovery bit, relay type and relay (RFC 8777 section 4).</summary>
internal sealed class AmtRelayField : RdataField
{
    public override bool TryRead(ref RdataReader reader)
    {
        // Type 0 has no relay and nothing behind it; the layout refuses what is left over.
        return reader.TryTake(1, out var head) && GatewayAddress.TryRead(head[0] & 0x7F, ref reader);
    }

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTake(1, out var head))
        {
            return false;
        }

        text.Append(CultureInfo.InvariantCulture, $"{head[0] >> 7} {head[0] & 0x7F} ");
        return GatewayAddress.TryPrint(head[0] & 0x7F, ref reader, text);
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (!parser.TryTakeBare("the discovery bit", out var bit))
        {
            return false;
        }

        if (bit is not ("0" or "1"))
        {
            return parser.Fail("the discovery bit, 0 or 1,", bit);
        }

        if (!RdataFields.U8.TryParse(ref parser))
        {
            return false;
        }

        var type = parser.Output[^1];
        parser.Output[^1] |= (byte)(bit is "1" ? 0x80 : 0);
        return GatewayAddress.TryParse(type, ref parser);
    }
}
