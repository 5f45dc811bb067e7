using System.Diagnostics;
using System.Net;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Transports;
using DnsFlow.Transports.Udp;

namespace DnsFlow.FunctionalTests.Faults;

/// <summary>What a client sees when an upstream is broken in one way or another: the other one's answer, inside the deadline.</summary>
public class UpstreamFaultTests
{
    private protected virtual IDatagramNetwork Network => UdpNetwork.Create();

    private const string Good = "192.0.2.1";
    private const string Zone = "$ORIGIN home.test.\n$TTL 300\n@ SOA ns h 1 1 1 1 60\n@ NS ns\nns A 192.0.2.9\na A 192.0.2.7\n";

    public static TheoryData<string> Faults => ["closed port", "silent", "garbage", "wrong id", "wrong name", "wrong type", "wrong class", "no response", "SERVFAIL", "REFUSED", "FORMERR"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task FirstUpstreamBroken_AnswerComesFromTheOther(string fault)
    {
        await using var broken = new FakeUpstream().Always(FakeReplies.Fault(fault) ?? FakeReplies.Silent).AlwaysOnStream(FakeReplies.Reset);
        await using var good = new FakeUpstream();
        await using var proxy = await StartAsync(fault == "closed port" ? Nobody() : broken.Endpoint, good.Endpoint);
        var response = await proxy.AskAsync(Wire.Query("www.example"));
        Assert.Equal(Good, Wire.FirstAddress(response));
        AssertSums(proxy);
        Assert.Equal(1, proxy.Stats.Queries.ByOutcome["forwarded"]);
    }

    [Fact]
    public async Task Truncated_AnswerComesOverTcpFromTheSameServer()
    {
        await using var upstream = new FakeUpstream().Always(FakeReplies.Truncated);
        await using var proxy = await StartAsync(upstream.Endpoint);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("www.example"))));
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("www2.example"))));
        Assert.Equal(1, upstream.Accepted);     // the connection is used again
        AssertSums(proxy);
    }

    [Fact]
    public async Task Truncated_TcpIsReset_OtherServerAnswers()
    {
        await using var broken = new FakeUpstream().Always(FakeReplies.Truncated).AlwaysOnStream(FakeReplies.Reset);
        await using var good = new FakeUpstream();
        await using var proxy = await StartAsync(broken.Endpoint, good.Endpoint);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("www.example"))));
    }

    [Fact]
    public async Task TcpUpstream_ManyQuestions_ShareAConnection()
    {
        await using var upstream = new FakeUpstream().Always(FakeReplies.Silent);
        await using var proxy = await ProxyHarness.StartAsync($$"""  "Upstreams": { "default": { "Servers": ["tcp://{{upstream.Endpoint}}"] } }  """, network: Network);
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => proxy.AskAsync(Wire.Query($"n{i}.example"))));
        Assert.All(responses, response => Assert.Equal(Good, Wire.FirstAddress(response)));
        Assert.InRange(upstream.Accepted, 1, 4);
    }

    [Fact]
    public async Task AllDead_ServFailWithExtendedErrorInsideTheBudget_LocalAndCachedNamesAtOnce()
    {
        await using var upstream = new FakeUpstream().Then(FakeReplies.Answer(Good)).Always(FakeReplies.Silent).AlwaysOnStream(FakeReplies.Silent);
        await using var proxy = await StartAsync(upstream.Endpoint);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("cached.example"))));

        var waiting = Enumerable.Range(0, 20).Select(i => proxy.AskAsync(Wire.Query($"n{i}.example", udpSize: 1232))).ToArray();
        var watch = Stopwatch.StartNew();
        Assert.Equal("192.0.2.7", Wire.FirstAddress(await proxy.AskAsync(Wire.Query("a.home.test"))));
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("cached.example"))));
        Assert.All(waiting, task => Assert.False(task.IsCompleted && watch.Elapsed < TimeSpan.FromMilliseconds(200)));

        foreach (var response in await Task.WhenAll(waiting))
        {
            Assert.Equal(ResponseCode.ServFail, Wire.Header(response).ResponseCode);
            Assert.Equal([0, 15, 0, 2, 0, 22], response[^6..]);     // EDE 22, No Reachable Authority
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
        AssertSums(proxy);
    }

    [Fact]
    public async Task AllDead_Recovers_AnswersComeAgain()
    {
        await using var upstream = new FakeUpstream().Always(FakeReplies.Silent).AlwaysOnStream(FakeReplies.Silent);
        await using var proxy = await ProxyHarness.StartAsync($$"""
            "Upstreams": { "default": { "Servers": ["{{upstream.Endpoint}}"], "Budget": "400ms", "AttemptTimeout": "100ms", "Health": { "FailAfter": 2, "ProbeEvery": "100ms" } } }
            """, network: Network);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => proxy.AskAsync(Wire.Query($"n{i}.example"))));
        Assert.Equal("down", proxy.Stats.Upstreams[0].State);

        upstream.Always(FakeReplies.Answer(Good));
        var watch = Stopwatch.StartNew();
        string? address = null;
        for (var i = 0; address is null && watch.Elapsed < TimeSpan.FromSeconds(3); i++)
        {
            address = Wire.FirstAddress(await proxy.AskAsync(Wire.Query($"again{i}.example")));
        }

        Assert.Equal(Good, address);
        AssertSums(proxy);
    }

    [Fact]
    public async Task Forged_RepliesFromAnotherPort_AreNeverBelieved()
    {
        await using var upstream = new FakeUpstream().Always(FakeReplies.Silent);
        await using var other = new FakeUpstream();
        await using var proxy = await StartAsync(upstream.Endpoint);
        var response = proxy.AskAsync(Wire.Query("www.example"));
        var asked = await upstream.NextQueryAsync();
        using var forger = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await forger.SendAsync(asked.Respond("192.0.2.66"), asked.From);      // right in all but its source
        await asked.SendAsync(asked.Respond(Good));
        Assert.Equal(Good, Wire.FirstAddress(await response));
    }

    private static IPEndPoint Nobody()
    {
        using var socket = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.Client.LocalEndPoint!;
    }

    private Task<ProxyHarness> StartAsync(params IEnumerable<IPEndPoint> servers) => ProxyHarness.StartAsync(
        $$"""
        "Upstreams": { "default": {
            "Servers": [{{string.Join(", ", servers.Select(server => $"\"{server}\""))}}], "Budget": "2s", "AttemptTimeout": "250ms", "Attempts": 3 } }
        """,
        zone: Zone, network: Network);

    private static void AssertSums(ProxyHarness proxy)
    {
        var queries = proxy.Stats.Queries;
        Assert.Equal(queries.Total, queries.ByOutcome.Values.Sum() + queries.InFlight);
    }
}
