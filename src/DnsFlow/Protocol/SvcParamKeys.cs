using System.Globalization;

namespace DnsFlow.Protocol;

/// <summary>Keys of SVCB and HTTPS parameters (RFC 9460 section 14.3.2) in text.</summary>
public static class SvcParamKeys
{
    /// <summary>Keys a client must understand.</summary>
    public const ushort Mandatory = 0;

    /// <summary>Protocols that the endpoint speaks.</summary>
    public const ushort Alpn = 1;

    /// <summary>The scheme's default protocol is not spoken.</summary>
    public const ushort NoDefaultAlpn = 2;

    /// <summary>The endpoint's port.</summary>
    public const ushort Port = 3;

    /// <summary>IPv4 addresses to try at once.</summary>
    public const ushort IPv4Hint = 4;

    /// <summary>Encrypted ClientHello's configuration.</summary>
    public const ushort Ech = 5;

    /// <summary>IPv6 addresses to try at once.</summary>
    public const ushort IPv6Hint = 6;

    /// <summary>The URI template of DNS over HTTPS (RFC 9461).</summary>
    public const ushort DohPath = 7;

    /// <summary>Oblivious HTTP is spoken (RFC 9540).</summary>
    public const ushort Ohttp = 8;

    private static readonly string[] s_names =
        ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"];

    /// <summary>The key's name, or <c>keyNNN</c>.</summary>
    public static string ToText(ushort key) =>
        key < s_names.Length ? s_names[key] : string.Create(CultureInfo.InvariantCulture, $"key{key}");

    /// <summary>Reads a name or <c>keyNNN</c>; 65535 is never a key.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ushort key)
    {
        for (key = 0; key < s_names.Length; key++)
        {
            if (text.Equals(s_names[key], StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return Mnemonic.TryParseNumbered("key", text, out key) && key != ushort.MaxValue;
    }
}
