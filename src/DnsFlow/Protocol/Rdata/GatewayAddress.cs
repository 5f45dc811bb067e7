using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>What IPSECKEY and AMTRELAY point to, by a type: 0 nothing (<c>.</c>), 1 an IPv4 address, 2 an IPv6 address, 3 a name.</summary>
internal static class GatewayAddress
{
    /// <summary>Whether the type is one of these; any other is opaque to the end of the RDATA.</summary>
    public static bool IsKnown(int type) => type is >= 0 and <= 3;

    public static bool TryRead(int type, ref RdataReader reader) => type switch
    {
        0 => true,
        _ when Field(type) is { } field => field.TryRead(ref reader),
        _ => reader.TryTake(reader.Rest.Length, out _),
    };

    public static bool TryPrint(int type, ref RdataReader reader, StringBuilder text)
    {
        if (type == 0)
        {
            text.Append('.');
            return true;
        }

        return Field(type) is { } field && field.TryPrint(ref reader, text);
    }

    public static bool TryParse(int type, ref RdataParser parser)
    {
        if (type == 0)
        {
            return parser.TryTakeBare("a dot for no gateway", out var word) && (word is "." || parser.Fail("a dot for no gateway", word));
        }

        return Field(type) is { } field ? field.TryParse(ref parser) : parser.Fail("the type of a gateway is 0, 1, 2 or 3");
    }

    private static RdataField? Field(int type) => type switch
    {
        1 => RdataFields.IPv4,
        2 => RdataFields.IPv6,
        3 => RdataFields.Name,
        _ => null,
    };
}
