using DnsFlow.Transports.Udp.Linux;
using DnsFlow.Transports.Udp.Portable;

namespace DnsFlow.Transports.Udp;

/// <summary>Picks the implementation of datagram sockets.</summary>
internal static class UdpNetwork
{
    /// <summary>The environment variable by which tests and benchmarks ask for the portable sockets (<c>portable</c>) where the system has its own.</summary>
    public const string Variable = "DNSFLOW_SOCKETS";

    /// <summary>The best one this system has, unless <see cref="Variable"/> says otherwise. One serves all shards of a server.</summary>
    public static IDatagramNetwork Create(DatagramSocketOptions? options = null)
    {
        options ??= new DatagramSocketOptions();
        return LinuxDatagramNetwork.IsSupported && Environment.GetEnvironmentVariable(Variable) != "portable"
            ? new LinuxDatagramNetwork(options) : new SocketDatagramNetwork(options);
    }
}
