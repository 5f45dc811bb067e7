using System.Net;
using System.Net.Sockets;

namespace DnsFlow.Settings;

/// <summary>Reads addresses and networks strictly: no octal octets, no missing octets, no host bits behind the prefix.</summary>
internal static class NetworkText
{
    /// <summary>Reads an IPv4 address of four decimal octets, or an IPv6 address.</summary>
    public static bool TryParseAddress(string text, out IPAddress value)
    {
        value = IPAddress.None;
        if (text.Contains('[') || !IPAddress.TryParse(text, out var address))
        {
            return false;
        }

        value = address;
        // The framework takes "10.1" and "0x7f.1" as IPv4; whoever writes that means something else.
        return address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text;
    }

    /// <summary>Reads <c>192.168.0.0/16</c>, or an address as the network of it alone.</summary>
    public static bool TryParseNetwork(string text, out IPNetwork value)
    {
        value = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            return TryParseAddress(text[..slash], out var written)
                && IPNetwork.TryParse(text, out value) && value.BaseAddress.Equals(written);
        }

        if (!TryParseAddress(text, out var address) || address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 })
        {
            return false;
        }

        value = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        return true;
    }
}
