using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>Names of addresses in in-addr.arpa (RFC 1035 section 3.5) and ip6.arpa (RFC 3596 section 2.5).</summary>
internal static class ReverseName
{
    /// <summary>The name of an address in wire form, lower case.</summary>
    public static byte[] Of(IPAddress address)
    {
        var labels = address.GetAddressBytes().Reverse();
        var text = address.AddressFamily == AddressFamily.InterNetwork
            ? string.Join('.', labels) + ".in-addr.arpa."
            : string.Concat(labels.Select(o => string.Create(CultureInfo.InvariantCulture, $"{o & 15:x}.{o >> 4:x}."))) + "ip6.arpa.";
        return DomainName.Parse(text).Wire.ToArray();
    }
}
