using System.Net;
using System.Net.Sockets;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.TestKit;
using DnsFlow.Transports.Udp;
using DnsFlow.Transports.Udp.Portable;

namespace DnsFlow.FunctionalTests.Forwarding;

/// <summary>Where a proxy listens and from where it answers; on the kernel's fast calls and on the framework's sockets.</summary>
public sealed class ListenerTests
{
    private const string Zone = "$ORIGIN home.test.\n$TTL 300\n@ SOA ns h 1 1 1 1 60\n@ NS ns\nns A 192.0.2.1\na A 192.0.2.7\n";

    [ToolFact("dig")]
    public async Task Wildcard_AskedAtASecondAddress_AnswersFromThere()
    {
        await using var proxy = await ProxyHarness.StartAsync("", zone: Zone, listener: """{ "Endpoints": ["0.0.0.0:0"] }""");
        foreach (var address in (string[])["127.0.0.1", "127.0.0.2", "127.9.8.7"])
        {
            // dig takes an answer only from the address it asked.
            var (code, output) = await ToolProcess.RunAsync("dig", $"@{address}", "-p", $"{proxy.Endpoint.Port}", "a.home.test", "+short", "+tries=1", "+time=3");
            Assert.True(code == 0 && output.Contains("192.0.2.7", StringComparison.Ordinal), $"{address}: {output}");
        }
    }

    [ToolFact("dig")]
    public async Task SeveralAddresses_BothFamilies_AllAnswerOverUdpAndTcp()
    {
        if (!Socket.OSSupportsIPv6)
        {
            return;
        }

        await using var proxy = await ProxyHarness.StartAsync("", zone: Zone, listener: """{ "Endpoints": ["127.0.0.1:0", "[::1]:0", "127.0.0.3:0"] }""");
        foreach (var endpoint in proxy.Endpoints)
        {
            foreach (var transport in (string[])["+notcp", "+tcp"])
            {
                var (code, output) = await ToolProcess.RunAsync("dig", $"@{endpoint.Address}", "-p", $"{endpoint.Port}", "a.home.test", "+short", "+tries=1", "+time=3", transport);
                Assert.True(code == 0 && output.Contains("192.0.2.7", StringComparison.Ordinal), $"{endpoint} {transport}: {output}");
            }
        }
    }

    [Fact]
    public async Task PortableSockets_ForwardAndAnswerAsTheKernelsCallsDo()
    {
        using var upstream = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var proxy = await ProxyHarness.StartAsync(
            ProxyHarness.ForwardTo((IPEndPoint)upstream.Client.LocalEndPoint!), network: new SocketDatagramNetwork(new DatagramSocketOptions()), zone: Zone);
        Assert.Equal("192.0.2.7", Wire.FirstAddress(await proxy.AskAsync(Wire.Query("a.home.test"))));

        var response = proxy.AskAsync(Wire.Query("www.example"));
        var asked = await upstream.ReceiveAsync();
        await upstream.SendAsync(Wire.Answer(asked.Buffer, 60, "198.51.100.7"), asked.RemoteEndPoint);
        Assert.Equal("198.51.100.7", Wire.FirstAddress(await response));
        Assert.Equal("198.51.100.7", Wire.FirstAddress(await proxy.AskAsync(Wire.Query("www.example"))));
        Assert.Equal(1, proxy.Stats.Queries.ByOutcome["cached"]);
    }

    [Fact]
    public async Task PortableSockets_SeveralShards_TheFirstServesAllAndAWildcardIsSpread()
    {
        var port = FreePort.Next();
        await using var proxy = await ProxyHarness.StartAsync(
            "", network: new SocketDatagramNetwork(new DatagramSocketOptions()), zone: Zone, shards: 3, listener: $$"""{ "Endpoints": ["0.0.0.0:{{port}}"] }""");
        Assert.Contains(new IPEndPoint(IPAddress.Loopback, port), proxy.Endpoints);
        var responses = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => proxy.AskAsync(Wire.Query("a.home.test"))));
        Assert.All(responses, response => Assert.Equal("192.0.2.7", Wire.FirstAddress(response)));
    }

    [Fact]
    public async Task SeveralShards_EveryFlowIsAnsweredAndTheSumsHold()
    {
        await using var proxy = await ProxyHarness.StartAsync("", zone: Zone, shards: 3);
        var responses = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => proxy.AskAsync(Wire.Query("a.home.test"))));
        Assert.All(responses, response => Assert.Equal("192.0.2.7", Wire.FirstAddress(response)));
        Assert.Equal(64, proxy.Stats.Queries.Total);
        Assert.Equal(64, proxy.Stats.Flows.Opened);
    }

    [Fact]
    public async Task Loop_UpstreamIsOwnListener_StartIsRefused()
    {
        var refused = await Assert.ThrowsAsync<Server.ServerStartException>(async () =>
        {
            var port = FreePort.Next();
            await using var proxy = await ProxyHarness.StartAsync(
                ProxyHarness.ForwardTo(new IPEndPoint(IPAddress.Loopback, port)), listener: $$"""{ "Endpoints": ["127.0.0.1:{{port}}"] }""");
        });
        Assert.Equal(Server.ServerStartFailure.Configuration, refused.Failure);
        Assert.Contains("own listener", refused.Message, StringComparison.Ordinal);
    }
}
