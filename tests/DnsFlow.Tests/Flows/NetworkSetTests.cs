using System.Net;
using DnsFlow.Flows;

namespace DnsFlow.Tests.Flows;

public sealed class NetworkSetTests
{
    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("10.255.255.255", true)]
    [InlineData("11.0.0.0", false)]
    [InlineData("9.255.255.255", false)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("fe00::1", false)]
    [InlineData("192.0.2.7", true)]
    [InlineData("192.0.2.8", false)]
    public void Contains_AddressOfNetworks_IsExact(string address, bool expected)
    {
        var set = Set("10.0.0.0/8", "fd00::/8", "10.4.0.0/16", "192.0.2.7/32");
        Assert.Equal(expected, set.Contains(FlowEndpoint.From(IPAddress.Parse(address), 53)));
    }

    [Fact]
    public void Contains_AllOfIPv6_LeavesIPv4Out()
    {
        var set = Set("::/0");
        Assert.True(set.Contains(FlowEndpoint.From(IPAddress.Parse("2001:db8::1"), 1)));
        Assert.True(set.Contains(FlowEndpoint.From(IPAddress.Parse("::1"), 1)));
        Assert.False(set.Contains(FlowEndpoint.From(IPAddress.Parse("192.0.2.1"), 1)));
    }

    [Fact]
    public void Contains_AllOfIPv4_LeavesIPv6Out()
    {
        var set = Set("0.0.0.0/0");
        Assert.True(set.Contains(FlowEndpoint.From(IPAddress.Parse("255.255.255.255"), 1)));
        Assert.False(set.Contains(FlowEndpoint.From(IPAddress.Parse("2001:db8::1"), 1)));
    }

    [Fact]
    public void Contains_EmptySet_IsFalse() => Assert.False(Set().Contains(FlowEndpoint.From(IPAddress.Loopback, 1)));

    private static NetworkSet Set(params string[] networks) => new([.. networks.Select(IPNetwork.Parse)]);
}
