using DnsFlow.Transports.Udp.Linux;
using DnsFlow.Transports.Udp.Portable;

namespace DnsFlow.Transports.Udp;

/// <summary>Picks the implementation of datagram sockets.</summary>
internal static class UdpNetwork
{
    /// <summary>The best one this system has. One serves all shards of a server.</summary>
    public static IDatagramNetwork Create(DatagramSocketOptions? options = null)
    {
        options ??= new DatagramSocketOptions();
        return LinuxDatagramNetwork.IsSupported ? new LinuxDatagramNetwork(options) : new SocketDatagramNetwork(options);
    }
}
