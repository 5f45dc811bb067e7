using System.Net;
using System.Net.Sockets;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Server;

public class StopTests
{
    [Fact]
    public async Task Stop_HasEnded_StatisticsAndAddressesAreStillThere()
    {
        await using var proxy = await ProxyHarness.StartAsync("");
        await proxy.AskAsync(Wire.Query("localhost"));
        var endpoint = proxy.Endpoint;

        await proxy.StopAsync();

        Assert.Equal(1, proxy.Stats.Queries.Total);
        Assert.Equal(endpoint, proxy.Endpoint);
        Assert.False(proxy.Readiness.IsReady);
    }

    [Fact]
    public async Task Stop_WaitsForAQueryInFlight_StatisticsAreReadAndItIsNotReady()
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var proxy = await ProxyHarness.StartAsync(ProxyHarness.ForwardTo((IPEndPoint)silent.Client.LocalEndPoint!));
        var asking = proxy.AskAsync(Wire.Query("www.example"));
        var asked = await silent.ReceiveAsync();

        var stopping = proxy.StopAsync();
        Assert.False(stopping.IsCompleted);
        Assert.Equal(1, proxy.Stats.Queries.InFlight);
        Assert.Equal(["the proxy is stopping"], proxy.Readiness.Missing);
        Assert.Single(proxy.Endpoints);

        await silent.SendAsync(Wire.Answer(asked.Buffer, 60, "198.51.100.7"), asked.RemoteEndPoint);
        Assert.Equal("198.51.100.7", Wire.FirstAddress(await asking));
        await stopping;
    }
}
