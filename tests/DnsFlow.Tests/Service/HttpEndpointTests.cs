using System.Net;
using DnsFlow.Service.Endpoints;

namespace DnsFlow.Tests.Service;

public class HttpEndpointTests
{
    [Theory]
    [InlineData("http://127.0.0.1:9953", "127.0.0.1", 9953)]
    [InlineData("http://127.9.9.9", "127.9.9.9", 9953)]
    [InlineData("HTTP://[::1]:80/", "::1", 80)]
    [InlineData("http://[::1]", "::1", 9953)]
    [InlineData("http://localhost:0", "127.0.0.1,::1", 0)]
    [InlineData("http://0.0.0.0:9953", "0.0.0.0", 9953)]
    [InlineData("http://[::]:9953", "::", 9953)]
    public void TryParse_Address_IsTaken(string text, string addresses, int port)
    {
        Assert.True(HttpEndpoint.TryParse(text, out var endpoint, out _));
        Assert.Equal(addresses.Split(',').Select(IPAddress.Parse), endpoint.Addresses);
        Assert.Equal(port, endpoint.Port);
    }

    [Theory]
    [InlineData("http://stats.example:9953", "name")]
    [InlineData("unix:control.sock", "form")]
    [InlineData("https://127.0.0.1:9953", "form")]
    [InlineData("127.0.0.1:9953", "form")]
    [InlineData("http://127.0.0.1:99530", "form")]
    [InlineData("http://127.0.0.1:", "form")]
    [InlineData("http://::1:9953", "form")]
    [InlineData("http://[127.0.0.1]:9953", "form")]
    [InlineData("http://127.0.0.1:9953/stats", "form")]
    [InlineData("http://", "form")]
    [InlineData("", "form")]
    public void TryParse_AnythingElse_IsRefusedWithReason(string text, string reason)
    {
        Assert.False(HttpEndpoint.TryParse(text, out _, out var error));
        Assert.Contains(reason, error);
    }
}
