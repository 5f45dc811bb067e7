using System.Net;
using System.Net.Sockets;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Server;

public class ReloadTests
{
    private const string Local = """ "Shards": 2, "Listeners": { "local": { "Endpoints": ["127.0.0.1:0"] } } """;

    [Fact]
    public async Task Reload_OtherRules_DecideFromThenOnAndTheSocketStays()
    {
        await using var proxy = await StartAsync(Answering("192.0.2.1"));
        var endpoint = proxy.Endpoint;
        Assert.Equal("192.0.2.1", await AskAsync(proxy, "www.example"));

        var report = await proxy.ReloadAsync(Document(Local, Answering("192.0.2.2")));

        Assert.True(report.IsApplied);
        Assert.Equal(2, report.Generation);
        Assert.Equal("~ QueryRules 'a'           Records [A 192.0.2.1] -> [A 192.0.2.2]", Assert.Single(report.Changes).ToString());
        Assert.Equal("192.0.2.2", await AskAsync(proxy, "www.example"));
        Assert.Equal(endpoint, proxy.Endpoint);
        Assert.Equal((2, 1L), (proxy.Stats.Generation, proxy.Stats.Reloads.Applied));
    }

    [Fact]
    public async Task Reload_QueryInFlight_IsAnsweredByTheServerItWasSentTo()
    {
        using var first = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var second = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var proxy = await StartAsync(ForwardingTo(first));
        var asking = AskAsync(proxy, "www.example");
        var asked = await first.ReceiveAsync();

        Assert.Equal(["default"], (await proxy.ReloadAsync(Document(Local, ForwardingTo(second)))).ForgottenGroups);
        await first.SendAsync(Wire.Answer(asked.Buffer, 60, "198.51.100.1"), asked.RemoteEndPoint);
        Assert.Equal("198.51.100.1", await asking);

        // Another server may know another answer: what the first one said is not looked at any more.
        asking = AskAsync(proxy, "www.example");
        asked = await second.ReceiveAsync();
        await second.SendAsync(Wire.Answer(asked.Buffer, 60, "198.51.100.2"), asked.RemoteEndPoint);
        Assert.Equal("198.51.100.2", await asking);
    }

    [Fact]
    public async Task Reload_SameServers_KeepsCacheAndState()
    {
        using var upstream = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var proxy = await StartAsync(ForwardingTo(upstream));
        var asking = AskAsync(proxy, "www.example");
        var asked = await upstream.ReceiveAsync();
        await upstream.SendAsync(Wire.Answer(asked.Buffer, 60, "198.51.100.1"), asked.RemoteEndPoint);
        await asking;

        var report = await proxy.ReloadAsync(Document(Local, $"{ForwardingTo(upstream)}, {Answering("192.0.2.1", "other.example")}"));

        Assert.Empty(report.ForgottenGroups);
        Assert.Equal("198.51.100.1", await AskAsync(proxy, "www.example"));
        Assert.Equal(1, proxy.Stats.Cache.Hits);
        Assert.Equal(1, Assert.Single(proxy.Stats.Upstreams).Sent);
    }

    [Fact]
    public async Task Reload_ListenerAddedAndRemoved_OthersStay()
    {
        await using var proxy = await StartAsync(Answering("192.0.2.1"));
        var stays = proxy.Endpoint;
        const string Both = """ "Shards": 2, "Listeners": { "local": { "Endpoints": ["127.0.0.1:0"] }, "more": { "Endpoints": ["127.0.0.2:0"] } } """;

        var report = await proxy.ReloadAsync(Document(Both, Answering("192.0.2.1")));
        var added = proxy.Endpoints.Single(endpoint => endpoint.Address.ToString() == "127.0.0.2");
        Assert.Equal([$"+ udp://{added}", $"+ tcp://{added}"], report.Listeners);
        Assert.Equal("192.0.2.1", await AskAsync(added, "www.example"));
        Assert.Equal("192.0.2.1", await AskAsync(stays, "www.example"));

        report = await proxy.ReloadAsync(Document(Local, Answering("192.0.2.1")));
        Assert.Equal([$"- udp://{added}", $"- tcp://{added}"], report.Listeners);
        Assert.Equal("192.0.2.1", await AskAsync(stays, "www.example"));
        using (new UdpClient(added))
        {
            Assert.Equal([stays], proxy.Endpoints);
        }

        // Back again, under the index it had.
        await proxy.ReloadAsync(Document(Both, Answering("192.0.2.1")));
        Assert.Equal(2, proxy.Endpoints.Count());
        Assert.True(proxy.Stats.Queries.Total == 3);
    }

    [Fact]
    public async Task Reload_ListenerOfAQueryInFlightRemoved_ItIsAnsweredFromThere()
    {
        using var upstream = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        const string Both = """ "Listeners": { "local": { "Endpoints": ["127.0.0.1:0"] }, "more": { "Endpoints": ["udp://127.0.0.2:0"] } } """;
        await using var proxy = await StartAsync(ForwardingTo(upstream));
        await proxy.ReloadAsync(Document(Both, ForwardingTo(upstream)));
        var leaving = proxy.Endpoints.Single(endpoint => endpoint.Address.ToString() == "127.0.0.2");
        var asking = AskAsync(leaving, "www.example");
        var asked = await upstream.ReceiveAsync();

        Assert.Equal([$"- udp://{leaving}"], (await proxy.ReloadAsync(Document(Local, ForwardingTo(upstream)))).Listeners);
        await upstream.SendAsync(Wire.Answer(asked.Buffer, 60, "198.51.100.1"), asked.RemoteEndPoint);
        Assert.Equal("198.51.100.1", await asking);
    }

    [Fact]
    public async Task Reload_ListenerHasAnotherName_KeepsItsSocketAndRulesSeeTheName()
    {
        await using var proxy = await StartAsync(Answering("192.0.2.1"));
        var endpoint = proxy.Endpoint;
        var rules = """
            "QueryRules": [
                { "Name": "renamed", "When": { "Listener": "office" }, "Action": "answer", "Records": ["A 192.0.2.7"] },
                { "Name": "rest", "Action": "refuse" } ]
            """;

        var report = await proxy.ReloadAsync(Document(""" "Listeners": { "office": { "Endpoints": ["127.0.0.1:0"] } } """, rules));

        Assert.Empty(report.Listeners);
        Assert.Equal(endpoint, proxy.Endpoint);
        Assert.Equal("192.0.2.7", await AskAsync(endpoint, "www.example"));
    }

    [Fact]
    public async Task Reload_FlowRuleDiscards_OpenFlowsKeepTheirVerdict()
    {
        await using var proxy = await StartAsync(Answering("192.0.2.1"));
        using var open = new UdpClient();
        open.Connect(proxy.Endpoint);
        await open.SendAsync(Wire.Query("www.example"));
        Assert.Equal("192.0.2.1", Wire.FirstAddress((await open.ReceiveAsync()).Buffer));
        using var stream = await StreamClient.ConnectAsync(proxy.Endpoint);
        Assert.Equal("192.0.2.1", await AskAsync(stream));

        await proxy.ReloadAsync(Document(Local, $$""" "FlowRules": [ { "Name": "none", "Verdict": "discard" } ], {{Answering("192.0.2.2")}} """));

        // The flow goes on; its questions are decided by the rules that are in force.
        await open.SendAsync(Wire.Query("www.example"));
        Assert.Equal("192.0.2.2", Wire.FirstAddress((await open.ReceiveAsync()).Buffer));
        Assert.Equal("192.0.2.2", await AskAsync(stream));
        using var late = new UdpClient();
        late.Connect(proxy.Endpoint);
        await late.SendAsync(Wire.Query("www.example"));
        await open.SendAsync(Wire.Query("www.example"));
        await open.ReceiveAsync();
        Assert.Equal(0, late.Available);
    }

    [Fact]
    public async Task Reload_KeysOfTheStart_StayAndAreNamed()
    {
        await using var proxy = await StartAsync(Answering("192.0.2.1"));
        var cache = proxy.Stats.Cache.MaxBytes;
        var json = Document(""" "Shards": 1, "Listeners": { "local": { "Endpoints": ["127.0.0.1:0"] } } """, $$""" "Cache": { "MaxBytes": "32MB" }, {{Answering("192.0.2.2")}} """);
        var report = await proxy.ReloadAsync(json);
        Assert.True(report.IsApplied);
        Assert.Equal(["Shards", "Cache:MaxBytes"], proxy.Configuration.NeedsRestart);
        Assert.Equal("192.0.2.2", await AskAsync(proxy, "www.example"));
        Assert.Equal(cache, proxy.Stats.Cache.MaxBytes);
    }

    [Fact]
    public async Task Check_AnotherConfiguration_SaysWhatWouldChangeAndChangesNothing()
    {
        await using var proxy = await StartAsync(Answering("192.0.2.1"));
        var endpoint = proxy.Endpoint;

        var report = await proxy.CheckAsync(Document(
            """ "Shards": 2, "Listeners": { "more": { "Endpoints": ["127.0.0.2:0"] } } """, $$""" "Upstreams": { "guest": { "Servers": ["9.9.9.9"] } }, {{Answering("192.0.2.2")}} """));

        Assert.Equal(1, report.Generation);
        Assert.Equal(
            ["- Listeners 'local'", "+ Listeners 'more'", "+ Upstreams 'guest'", "~ QueryRules 'a'"],
            report.Changes.Select(change => change.ToString()[..26].TrimEnd()));
        Assert.Equal("192.0.2.1", await AskAsync(endpoint, "www.example"));
        Assert.Equal([endpoint], proxy.Endpoints);
        Assert.Null(proxy.Configuration.LastAttempt);
    }

    [Fact]
    public async Task Reload_AddressTaken_IsRefusedAndNothingChanges()
    {
        using var taken = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var proxy = await StartAsync(Answering("192.0.2.1"));
        var listeners = $$""" "Listeners": { "local": { "Endpoints": ["127.0.0.1:0", "127.0.0.2:0"] }, "taken": { "Endpoints": ["{{taken.Client.LocalEndPoint}}"] } } """;

        var report = await proxy.ReloadAsync(Document(listeners, Answering("192.0.2.2")));

        Assert.Equal($"listener 'taken' cannot listen on {taken.Client.LocalEndPoint}: the address is in use by another program", Assert.Single(report.Errors));
        Assert.Equal("192.0.2.1", await AskAsync(proxy, "www.example"));
        Assert.Single(proxy.Endpoints);
        Assert.Equal((1, report.Errors), (proxy.Configuration.Generation, proxy.Configuration.LastErrors));
    }

    [Theory]
    [MemberData(nameof(BrokenConfigurations.All), MemberType = typeof(BrokenConfigurations))]
    public async Task Reload_Broken_IsRefusedAtItsPlaceAndNothingChanges(string kind, string settings, string expected)
    {
        await using var proxy = await StartAsync(Answering("192.0.2.1"));
        var (endpoint, document) = (proxy.Endpoint, proxy.Server.ConfigurationDocument);
        BrokenConfigurations.WriteFiles(proxy.Folder);

        var report = await proxy.ReloadAsync($$"""{ "DnsFlow": { {{settings}} } }""");

        Assert.True(report.Errors.Any(error => error.Contains(expected, StringComparison.Ordinal)), $"{kind}: {string.Join('\n', report.Errors)}");
        Assert.Equal("192.0.2.1", await AskAsync(endpoint, "www.example"));
        Assert.Equal((1, 1L, 0L), (proxy.Stats.Generation, proxy.Stats.Reloads.Refused, proxy.Stats.Reloads.Applied));
        Assert.Equal([endpoint], proxy.Endpoints);
        Assert.Equal(document, proxy.Server.ConfigurationDocument);
        Assert.Equal(report.Errors, proxy.Configuration.LastErrors);
    }

    [Fact]
    public async Task Reload_NoJson_IsRefusedAndNothingChanges()
    {
        await using var proxy = await StartAsync(Answering("192.0.2.1"));
        Assert.StartsWith("test.json: ", Assert.Single((await proxy.ReloadAsync("{ \"DnsFlow\": { \"Shards\": } }")).Errors), StringComparison.Ordinal);
        Assert.Equal("192.0.2.1", await AskAsync(proxy, "www.example"));
    }

    private static Task<ProxyHarness> StartAsync(string settings) => ProxyHarness.StartAsync(settings, shards: 2);

    private static string Document(string listeners, string settings) => $$"""{ "DnsFlow": { {{listeners}}, {{settings}} } }""";

    private static string Answering(string address, string domain = "example") => $$"""
        "QueryRules": [
            { "Name": "a", "When": { "Domains": ["{{domain}}"], "Types": ["A"] }, "Action": "answer", "Records": ["A {{address}}"] },
            { "Name": "rest", "Action": "forward", "To": "default" } ]
        """;

    private static string ForwardingTo(UdpClient server) => ProxyHarness.ForwardTo((IPEndPoint)server.Client.LocalEndPoint!);

    private static Task<string?> AskAsync(ProxyHarness proxy, string name) => AskAsync(proxy.Endpoint, name);

    private static async Task<string?> AskAsync(StreamClient stream)
    {
        await stream.SendAsync(Wire.Query("www.example"));
        return Wire.FirstAddress((await stream.ReceiveAsync())!);
    }

    private static async Task<string?> AskAsync(IPEndPoint endpoint, string name)
    {
        using var client = new UdpClient(endpoint.AddressFamily);
        client.Connect(endpoint);
        await client.SendAsync(Wire.Query(name));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return Wire.FirstAddress((await client.ReceiveAsync(patience.Token)).Buffer);
    }
}
