using DnsFlow.Server;
using DnsFlow.Server.Listening;

namespace DnsFlow.Tests.Server.Listening;

public sealed class ListenerEndpointsTests
{
    [Fact]
    public void Of_Localhost_NeedsIPv4Only()
    {
        var options = new ProxyOptions();
        options.Listeners.Clear();
        options.Listeners["local"] = new ListenerOptions { Endpoints = ["localhost:1053", "192.0.2.1:53"] };

        var endpoints = ListenerEndpoints.Of(options, ["local"]);

        Assert.Equal(
            ["127.0.0.1:1053 True", "[::1]:1053 False", "192.0.2.1:53 True"],
            endpoints.Select(endpoint => $"{endpoint.Address} {endpoint.IsRequired}"));
    }
}
