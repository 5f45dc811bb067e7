using System.Net;
using DnsFlow.Settings;

namespace DnsFlow.Tests.Settings;

public sealed class ListenTextTests
{
    [Theory]
    [InlineData("localhost", "", 53)]
    [InlineData("localhost:1053", "", 1053)]
    [InlineData("LocalHost:0", "", 0)]
    [InlineData("udp://localhost:5353", "udp", 5353)]
    [InlineData("tls://localhost", "tls", 853)]
    [InlineData("https://localhost/dns-query", "https", 443)]
    public void TryParse_Localhost_IsBothLoopbackAddresses(string text, string scheme, int port)
    {
        Assert.True(ListenText.TryParse(text, out var endpoints, out _));

        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback], endpoints.Select(endpoint => endpoint.Address));
        Assert.All(endpoints, endpoint => Assert.Equal((scheme, port), (endpoint.Scheme, endpoint.Port)));
    }

    [Theory]
    [InlineData("192.0.2.1:53")]
    [InlineData("[2001:db8::1]:53")]
    public void TryParse_Address_IsThatOne(string text)
    {
        Assert.True(ListenText.TryParse(text, out var endpoints, out _));

        Assert.Single(endpoints);
    }

    [Theory]
    [InlineData("localhost.example:53", "'localhost.example' is not an IP address")]
    [InlineData("localhosts", "'localhosts' is not an IP address")]
    [InlineData("localhost:99999", "the port is a number from 0 to 65535, behind an address like 127.0.0.1 or [::1]")]
    [InlineData("h2://localhost", "'h2' is not a scheme")]
    public void TryParse_SomethingElse_SaysWhatIsWrong(string text, string reason)
    {
        Assert.False(ListenText.TryParse(text, out var endpoints, out var error));

        Assert.Empty(endpoints);
        Assert.Equal(reason, error);
    }
}
