using System.Net;
using DnsFlow.Flows;
using DnsFlow.Transports.Udp;

namespace DnsFlow.Tests.Transports;

public class UdpWildcardAddressesTests
{
    [Fact]
    public void Expand_WildcardOfBothFamilies_HasTheLoopbackAndThePort()
    {
        var addresses = WildcardAddresses.Expand(FlowEndpoint.From(IPAddress.IPv6Any, 5353));
        Assert.Contains(FlowEndpoint.From(IPAddress.Loopback, 5353), addresses);
        Assert.All(addresses, address => Assert.Equal(5353, address.Port));
        Assert.All(addresses, address => Assert.False(address.IsAny));
        Assert.Equal(addresses.Distinct(), addresses);
    }

    [Fact]
    public void Expand_WildcardOfIPv4_HasOnlyIPv4()
    {
        var addresses = WildcardAddresses.Expand(FlowEndpoint.From(IPAddress.Any, 53));
        Assert.Contains(FlowEndpoint.From(IPAddress.Loopback, 53), addresses);
        Assert.All(addresses, address => Assert.True(address.IsIPv4));
    }

    [Fact]
    public void Expand_OneAddress_StandsForItself()
    {
        var address = FlowEndpoint.From(IPAddress.Parse("2001:db8::1"), 53);
        Assert.Equal([address], WildcardAddresses.Expand(address));
    }
}
