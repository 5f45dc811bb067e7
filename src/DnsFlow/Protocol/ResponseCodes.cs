using System.Globalization;

namespace DnsFlow.Protocol;

/// <summary>RCODEs and OPCODEs in text, in upper case as tools print them.</summary>
public static class ResponseCodes
{
    /// <summary>The mnemonic (<c>NXDOMAIN</c>), or <c>RCODEnnn</c> where there is none.</summary>
    public static string ToText(this ResponseCode code) =>
        Enum.GetName(code)?.ToUpperInvariant() ?? string.Create(CultureInfo.InvariantCulture, $"RCODE{(ushort)code}");

    /// <summary>Reads a mnemonic in any letter case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ResponseCode code)
    {
        foreach (var known in Enum.GetValues<ResponseCode>())
        {
            if (text.Equals(Enum.GetName(known), StringComparison.OrdinalIgnoreCase))
            {
                code = known;
                return true;
            }
        }

        code = default;
        return false;
    }

    /// <summary>The mnemonic (<c>QUERY</c>), or <c>OPCODEnn</c> where there is none.</summary>
    public static string ToText(this OpCode code) =>
        Enum.GetName(code)?.ToUpperInvariant() ?? string.Create(CultureInfo.InvariantCulture, $"OPCODE{(byte)code}");
}
