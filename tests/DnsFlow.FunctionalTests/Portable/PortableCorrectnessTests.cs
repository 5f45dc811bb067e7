using DnsFlow.FunctionalTests.Forwarding;
using DnsFlow.Transports;
using DnsFlow.Transports.Udp;
using DnsFlow.Transports.Udp.Portable;

namespace DnsFlow.FunctionalTests.Portable;

/// <summary>The same over the framework's sockets.</summary>
public sealed class PortableCorrectnessTests : CorrectnessTests
{
    private protected override IDatagramNetwork Network => new SocketDatagramNetwork(new DatagramSocketOptions());
}
