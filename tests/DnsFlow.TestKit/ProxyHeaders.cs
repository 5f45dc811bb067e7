using System.Net;

namespace DnsFlow.TestKit;

/// <summary>What a load balancer puts before what its client sent.</summary>
internal static class ProxyHeaders
{
    /// <summary>Version 2.</summary>
    public static byte[] Binary(IPEndPoint client, IPEndPoint addressed, int extensions = 0)
    {
        byte[] from = client.Address.GetAddressBytes(), to = addressed.Address.GetAddressBytes();
        var rest = (2 * from.Length) + 4 + extensions;
        return
        [
            .. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, (byte)(from.Length == 4 ? 0x11 : 0x21), (byte)(rest >> 8), (byte)rest, .. from, .. to,
            (byte)(client.Port >> 8), (byte)client.Port, (byte)(addressed.Port >> 8), (byte)addressed.Port, .. new byte[extensions],
        ];
    }
}
