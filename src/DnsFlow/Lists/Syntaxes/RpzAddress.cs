using System.Net;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>Addresses in the owners of policy zones: the prefix length first, then octets or groups in reverse order, <c>zz</c> for <c>::</c>.</summary>
internal static class RpzAddress
{
    /// <summary>Reads <c>24.0.2.0.192</c> or <c>48.zz.1.db8.2001</c>.</summary>
    public static bool TryRead(string text, out IPNetwork network)
    {
        network = default;
        var parts = text.Split('.');
        if (parts.Length is < 3 or > 9 || !int.TryParse(parts[0], System.Globalization.NumberStyles.None, null, out var length))
        {
            return false;
        }

        Array.Reverse(parts);
        var isIPv6 = parts.Length != 5 || Array.Exists(parts, static part => part.Equals("zz", StringComparison.OrdinalIgnoreCase));
        var written = isIPv6 ? WriteIPv6(parts[..^1]) : string.Join('.', parts[..^1]);
        if (!IPAddress.TryParse(written, out var address) || length < 1 || length > (isIPv6 ? 128 : 32))
        {
            return false;
        }

        return IPNetwork.TryParse($"{address}/{length}", out network);
    }

    private static string WriteIPv6(string[] groups)
    {
        var text = string.Join(':', groups.Select(static group => group.Equals("zz", StringComparison.OrdinalIgnoreCase) ? "" : group));
        return text.StartsWith(':') ? ":" + text : text.EndsWith(':') ? text + ":" : text;
    }
}
