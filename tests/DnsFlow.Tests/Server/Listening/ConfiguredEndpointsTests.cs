using DnsFlow.Server.Listening;
using DnsFlow.Settings;

namespace DnsFlow.Tests.Server.Listening;

public class ConfiguredEndpointsTests
{
    [Theory]
    [InlineData("127.0.0.1:53", "127.0.0.1:53", true)]
    [InlineData("127.0.0.1:53", "udp://127.0.0.1:53", true)]
    [InlineData("udp://127.0.0.1:53", "tcp://127.0.0.1:53", false)]
    [InlineData("tcp://127.0.0.1:853", "tls://127.0.0.1:853", true)]
    [InlineData("127.0.0.1:53", "127.0.0.1:54", false)]
    [InlineData("127.0.0.1:53", "127.0.0.2:53", false)]
    [InlineData("127.0.0.1:0", "127.0.0.1:0", false)]
    public void Add_SecondListener_NamesTheFirstThatHasTheAddress(string first, string second, bool isTaken)
    {
        var endpoints = new ConfiguredEndpoints();
        Assert.Null(endpoints.Add("first", Endpoint(first)));
        Assert.Equal(isTaken ? "first" : null, endpoints.Add("second", Endpoint(second)));
    }

    [Theory]
    [InlineData("127.0.0.1:53", "127.0.0.1:53", true)]
    [InlineData("0.0.0.0:53", "127.0.0.1:53", true)]
    [InlineData("0.0.0.0:53", "[::1]:53", false)]
    [InlineData("[::]:53", "127.0.0.1:53", true)]
    [InlineData("[::]:53", "192.0.2.1:53", false)]
    [InlineData("127.0.0.1:53", "0.0.0.0:53", true)]
    [InlineData("tls://127.0.0.1", "tls://127.0.0.1", true)]
    [InlineData("tcp://127.0.0.1:853", "tls://127.0.0.1:853", false)]
    [InlineData("udp://127.0.0.1:53", "tcp://127.0.0.1:53", false)]
    public void FindReached_Server_NamesTheListenerThatGetsItsQueries(string listener, string server, bool isReached)
    {
        var endpoints = new ConfiguredEndpoints();
        endpoints.Add("own", Endpoint(listener));
        var asked = Endpoint(server);
        Assert.Equal(isReached ? "own" : null, endpoints.FindReached(asked, asked.HasTls || asked.HasHttps));
    }

    private static EndpointText Endpoint(string text)
    {
        Assert.True(EndpointText.TryParse(text, out var endpoint, out _));
        return endpoint;
    }
}
