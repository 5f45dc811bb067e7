using System.Net;
using System.Net.Sockets;
using DnsFlow.Clients;
using DnsFlow.Names;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Server;

/// <summary>What a person sees of a running proxy, and does to it: flows, rules, the cache.</summary>
public sealed class ManagementTests
{
    [Fact]
    public async Task Flows_BothPlanes_AreListedAndEnded()
    {
        await using var proxy = await ProxyHarness.StartAsync(""" "Stats": { "Privacy": "full" }, "QueryRules": [{ "Name": "rest", "Action": "nxdomain" }] """);
        using var datagrams = new UdpClient(AddressFamily.InterNetwork);
        datagrams.Connect(proxy.Endpoint);
        await datagrams.SendAsync(Wire.Query("www.example"));
        await datagrams.ReceiveAsync();
        using var stream = new TcpClient();
        await stream.ConnectAsync(proxy.Endpoint);
        var query = Wire.Query("www.example");
        await stream.GetStream().WriteAsync((byte[])[0, (byte)query.Length, .. query]);
        var length = new byte[2];
        await stream.GetStream().ReadExactlyAsync(length);
        await stream.GetStream().ReadExactlyAsync(new byte[(length[0] << 8) | length[1]]);       // answered: its flow is open
        await TestWait.Until(() => proxy.Stats.Flows.Open == 2);

        var flows = await proxy.Server.FlowsAsync(CancellationToken.None);
        while (flows.Any(static flow => flow.State == "closed" || flow.QueuedBytes > 0))
        {
            flows = await proxy.Server.FlowsAsync(CancellationToken.None);      // it counts from its verdict on, and opens a moment later; an answer may be here before it is noted as gone
        }

        Assert.Equal(["tcp", "udp"], flows.Select(static flow => flow.Transport).Order());
        Assert.All(flows, flow => Assert.Equal(("local", "open", "claim", "all", 0), (flow.Listener, flow.State, flow.Verdict, flow.Rule, flow.InFlight)));
        var datagram = flows.Single(static flow => flow.Transport == "udp");
        Assert.Equal((datagrams.Client.LocalEndPoint!.ToString(), proxy.Endpoint.ToString()), (datagram.Client, datagram.Asked));
        Assert.All(flows, static flow => Assert.Equal(("NXDOMAIN", "refused", 0), (flow.LastCode, flow.LastOutcome, flow.QueuedBytes)));
        Assert.All(flows, static flow => Assert.True(!OperatingSystem.IsLinux() || flow.Process!.StartsWith($"{Environment.ProcessId}/", StringComparison.Ordinal)));

        Assert.True(await proxy.Server.CloseFlowAsync(datagram.Id, CancellationToken.None));
        Assert.False(await proxy.Server.CloseFlowAsync(datagram.Id, CancellationToken.None));
        Assert.False(await proxy.Server.CloseFlowAsync("nonsense", CancellationToken.None));
        Assert.True(await proxy.Server.CloseFlowAsync(flows.Single(static flow => flow.Transport == "tcp").Id, CancellationToken.None));
        Assert.Equal(0, await ReadAsync(stream));
        await TestWait.Until(() => proxy.Stats.Flows is { Open: 0, Closed: 2 });
        Assert.Empty(await proxy.Server.FlowsAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("anonymous", "127.0.0.0", true)]
    [InlineData("counts", "-", false)]
    public async Task Flows_Privacy_SaysOfTheClientWhatItAllows(string privacy, string shown, bool hasProcess)
    {
        await using var proxy = await ProxyHarness.StartAsync($$""" "Stats": { "Privacy": "{{privacy}}" }, "QueryRules": [{ "Action": "nxdomain" }] """);
        using var client = new UdpClient(AddressFamily.InterNetwork);
        client.Connect(proxy.Endpoint);
        await client.SendAsync(Wire.Query("www.example"));
        await client.ReceiveAsync();
        var flow = Assert.Single(await proxy.Server.FlowsAsync(CancellationToken.None));
        Assert.Equal((shown, hasProcess && OperatingSystem.IsLinux()), (flow.Client, flow.Process is not null));
    }

    [Fact]
    public async Task CloseFlow_QueryInFlight_IsStillAnsweredAndCountedOnce()
    {
        var gate = new TaskCompletionSource();
        await using var upstream = new FakeUpstream().Always(FakeReplies.Held(gate.Task, FakeReplies.Answer("192.0.2.7")));
        await using var proxy = await ProxyHarness.StartAsync(ProxyHarness.ForwardTo(upstream.Endpoint));
        var asking = proxy.AskAsync(Wire.Query("www.example"));
        await upstream.NextQueryAsync();
        var flow = Assert.Single(await proxy.Server.FlowsAsync(CancellationToken.None));
        Assert.Equal(1, flow.InFlight);
        Assert.True(await proxy.Server.CloseFlowAsync(flow.Id, CancellationToken.None));
        gate.SetResult();
        Assert.Equal("192.0.2.7", Wire.FirstAddress(await asking));
        var queries = proxy.Stats.Queries;
        Assert.Equal((1, 0, 1), (queries.Total, queries.InFlight, queries.ByOutcome["forwarded"]));
    }

    [Theory]
    [InlineData(null, 4)]
    [InlineData(".", 4)]
    [InlineData("corp.example", 2)]
    [InlineData("=corp.example", 1)]
    [InlineData("*.corp.example", 1)]
    [InlineData("=nothing.example", 0)]
    public async Task FlushCache_Names_AreAskedAnewAndOthersAreNot(string? pattern, int removed)
    {
        string[] names = ["corp.example", "www.corp.example", "notcorp.example", "example"];
        await using var upstream = new FakeUpstream().Always(FakeReplies.Answer("192.0.2.7"));
        await using var proxy = await ProxyHarness.StartAsync(ProxyHarness.ForwardTo(upstream.Endpoint), shards: 2);
        foreach (var name in names)
        {
            await proxy.AskAsync(Wire.Query(name));
        }

        Assert.Equal(4, upstream.Queries.Count);
        Assert.Equal(removed, await proxy.Server.FlushCacheAsync(pattern is null ? null : NamePattern.Parse(pattern), CancellationToken.None));
        foreach (var name in names)
        {
            await proxy.AskAsync(Wire.Query(name));
        }

        Assert.Equal(4 + removed, upstream.Queries.Count);
    }

    [Fact]
    public async Task DescribeRules_AllStages_HaveTheirCountsThroughReloads()
    {
        const string Rules = """
            "QueryRules": [{ "Name": "ads", "When": { "Domains": ["ads.example"] }, "Action": "block" }, { "Name": "rest", "Action": "forward", "To": "default" }],
            "AnswerRules": [{ "Name": "short", "Action": "ttl", "Max": "1m" }]
            """;
        await using var upstream = new FakeUpstream().Always(FakeReplies.Answer("192.0.2.7"));
        var settings = $"{ProxyHarness.ForwardTo(upstream.Endpoint)}, {Rules}";
        await using var proxy = await ProxyHarness.StartAsync(settings);
        await proxy.AskAsync(Wire.Query("ads.example"));
        await proxy.AskAsync(Wire.Query("www.example"));
        await proxy.ReloadAsync($$"""{ "DnsFlow": { "Shards": 1, "Listeners": { "local": { "Endpoints": ["127.0.0.1:0"] } }, {{settings}} } }""");
        proxy.Server.Pause("ads", new ClientReference(AddressRange.Of(IPNetwork.Parse("127.0.0.1/32")), null, null), TimeSpan.FromMinutes(1));
        var rules = proxy.Server.DescribeRules();
        Assert.Equal(
            ["flow all claim 2", "query ads block 1", "query rest forward 1", "answer short ttl 1"], rules.Select(static rule => $"{rule.Stage} {rule.Rule} {rule.Action} {rule.Matches}"));
        Assert.Equal(["127.0.0.1"], rules.SelectMany(static rule => rule.Pauses).Select(static pause => pause.Client));
        Assert.Contains(new RuleStats("answer", "short", 1), proxy.Stats.Rules);
    }

    private static async Task<int> ReadAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1]);
        }
        catch (IOException)
        {
            return 0;       // reset
        }
    }
}
