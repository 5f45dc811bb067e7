using DnsFlow.Transports;
using DnsFlow.Transports.Udp;
using DnsFlow.Transports.Udp.Linux;

namespace DnsFlow.Tests.Transports;

/// <summary>The system calls of Linux, and what only they do.</summary>
public class UdpLinuxSocketTests : UdpSocketTests
{
    private protected override IDatagramNetwork? Network { get; } =
        LinuxDatagramNetwork.IsSupported ? new LinuxDatagramNetwork(new DatagramSocketOptions()) : null;
}
