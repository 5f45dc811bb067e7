using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Zones;

/// <summary>Aliases that lead out of our zones, through the whole proxy.</summary>
public sealed class AliasDetourTests
{
    private const string Zone = """
        $ORIGIN home.test.
        $TTL 300
        @ SOA ns h 1 1 1 1 60
        @ NS ns
        ns A 192.0.2.1
        out CNAME first
        first CNAME www.outside.example.
        moved DNAME outside.example.
        """;

    [Theory]
    [InlineData("out.home.test", "out.home.test. CNAME first.home.test. | first.home.test. CNAME www.outside.example. | www.outside.example. A 192.0.2.7")]
    [InlineData("www.moved.home.test", "moved.home.test. DNAME outside.example. | www.moved.home.test. CNAME www.outside.example. | www.outside.example. A 192.0.2.7")]
    public async Task Ask_AliasLeadsOut_IsFollowedToTheUpstream(string name, string expected)
    {
        await using var upstream = new FakeUpstream().Always(FakeReplies.Answer("192.0.2.7"));
        await using var proxy = await ProxyHarness.StartAsync(ProxyHarness.ForwardTo(upstream.Endpoint), zone: Zone);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(expected, Records(await proxy.AskAsync(Wire.Query(name, udpSize: 1232))));
        }

        Assert.Single(upstream.Queries);
        Assert.Equal((2, 0), (proxy.Stats.Queries.Total, proxy.Stats.Queries.InFlight));
    }

    [Fact]
    public async Task Ask_WithoutRecursion_EndsWithTheAlias()
    {
        await using var upstream = new FakeUpstream().Always(FakeReplies.Answer("192.0.2.7"));
        await using var proxy = await ProxyHarness.StartAsync(ProxyHarness.ForwardTo(upstream.Endpoint), zone: Zone);
        Assert.Equal("out.home.test. CNAME first.home.test. | first.home.test. CNAME www.outside.example.", Records(await proxy.AskAsync(Wire.Query("out.home.test", flags: 0))));
        Assert.Equal("first.home.test. CNAME www.outside.example.", Records(await proxy.AskAsync(Wire.Query("first.home.test", RecordType.CNAME))));
        Assert.Empty(upstream.Queries);
    }

    [Fact]
    public async Task Ask_UpstreamHasNoSuchName_SaysSo()
    {
        await using var upstream = new FakeUpstream().Always(FakeReplies.Code(ResponseCode.NXDomain));
        await using var proxy = await ProxyHarness.StartAsync(ProxyHarness.ForwardTo(upstream.Endpoint), zone: Zone);
        var response = await proxy.AskAsync(Wire.Query("first.home.test"));
        Assert.Equal(ResponseCode.NXDomain, Wire.Header(response).ResponseCode);
        Assert.Equal("first.home.test. CNAME www.outside.example.", Records(response));
    }

    private static string Records(byte[] response)
    {
        Assert.True(DnsMessageReader.TryRead(response, out var message));
        return string.Join(" | ", message.Answer.Select(static record => $"{record.Name} {record.Type} {string.Join(' ', record.ToString().Split('\t')[4..])}"));
    }
}
