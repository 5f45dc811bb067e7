using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Lists;

/// <summary>Triggers of a policy zone on answers, through the whole proxy, with a real server behind it.</summary>
public sealed class PolicyZoneTests
{
    private const string Zone = """
        $ORIGIN example.
        $TTL 300
        @ SOA ns h 1 1 1 1 60
        @ NS ns
        ns A 192.0.2.1
        bad A 203.0.113.7
        alias CNAME bad
        data A 203.0.113.8
        fine A 203.0.113.9
        other A 192.0.2.9
        www.many.test A 192.0.2.44
        """;

    [ToolFact("nsd")]
    public async Task AnswerRule_PolicyZone_DoesWhatItsTriggersSay_FreshAndCached()
    {
        using var server = await AuthoritativeServer.StartAsync("example", Zone + "\n");
        await using var proxy = await StartAsync(server, """
            24.0.113.0.203.rpz-ip CNAME .
            32.8.113.0.203.rpz-ip A 198.51.100.1
            32.9.113.0.203.rpz-ip CNAME rpz-passthru.
            """);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal((ResponseCode.NXDomain, ""), await AskAsync(proxy, "bad.example"));
            Assert.Equal((ResponseCode.NXDomain, ""), await AskAsync(proxy, "alias.example"));
            Assert.Equal((ResponseCode.NoError, "198.51.100.1"), await AskAsync(proxy, "data.example"));
            Assert.Equal((ResponseCode.NoError, "203.0.113.9"), await AskAsync(proxy, "fine.example"));
            Assert.Equal((ResponseCode.NoError, "192.0.2.9"), await AskAsync(proxy, "other.example"));
        }

        Assert.Equal(6, proxy.Stats.Queries.ByOutcome["blocked"]);
        Assert.Equal(0, proxy.Stats.Queries.InFlight);
    }

    [ToolFact("nsd")]
    public async Task Block_EntryIsACname_AnswersWithWhatItLeadsTo_FreshAndCached()
    {
        using var server = await AuthoritativeServer.StartAsync("example", Zone + "\n");
        await using var proxy = await ProxyHarness.StartAsync(
            $$"""
            "Upstreams": { "default": { "Servers": ["{{server.Endpoint}}"] }, "other": { "Servers": ["192.0.2.1"] } },
            "Lists": { "policy": { "Sources": ["policy.rpz"] } },
            "QueryRules": [
              { "Name": "policy", "When": { "Lists": ["policy"] }, "Action": "block" },
              { "Name": "never", "When": { "Domains": ["=other.example"] }, "Action": "refuse" },
              { "Name": "elsewhere", "When": { "Domains": ["elsewhere.test"] }, "Action": "forward", "To": "other" },
              { "Name": "rest", "Action": "forward", "To": "default" }
            ],
            "AnswerRules": [{ "When": { "Lists": ["policy"] }, "Action": "block" }]
            """,
            files: new Dictionary<string, string>
            {
                ["policy.rpz"] = "wall.test CNAME alias.example.\n*.many.test CNAME *.example.\ngone.test CNAME nothing.example.\nself.example CNAME other.example.\n32.8.113.0.203.rpz-ip CNAME other.example.\n",
            });
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal((ResponseCode.NoError, "203.0.113.7"), await AskAsync(proxy, "wall.test"));            // by way of another alias
            Assert.Equal((ResponseCode.NoError, "192.0.2.44"), await AskAsync(proxy, "www.many.test"));         // in front of the target
            Assert.Equal((ResponseCode.NXDomain, ""), await AskAsync(proxy, "gone.test"));
            Assert.Equal((ResponseCode.NoError, "192.0.2.9"), await AskAsync(proxy, "self.example"));
            Assert.Equal((ResponseCode.NoError, "192.0.2.9"), await AskAsync(proxy, "data.example"));           // by its address
            Assert.Equal((ResponseCode.Refused, ""), await AskAsync(proxy, "other.example"));
        }

        Assert.True(DnsMessageReader.TryRead(await proxy.AskAsync(Wire.Query("wall.test", RecordType.A, udpSize: 1232)), out var message));
        Assert.Equal(["wall.test.", "alias.example.", "bad.example."], message.Answer.Select(static record => record.Name.ToString()));
        Assert.Equal(new byte[] { 0, 17 }, message.Edns!.Find(EdnsOptionCode.ExtendedError)!.Data[..2].ToArray());
        Assert.True(DnsMessageReader.TryRead(await proxy.AskAsync(Wire.Query("wall.test", RecordType.CNAME, udpSize: 1232)), out var alias));
        Assert.Equal([RecordType.CNAME], alias.Answer.Select(static record => record.Type));
        Assert.Equal(12, proxy.Stats.Queries.ByOutcome["blocked"]);
        Assert.Equal(0, proxy.Stats.Queries.InFlight);
    }

    [ToolFact("nsd")]
    public async Task Block_EntryIsACname_NobodyIsAskedUnlessARuleSaysWhom()
    {
        using var server = await AuthoritativeServer.StartAsync("example", Zone + "\n");
        await using var proxy = await ProxyHarness.StartAsync(
            $$"""
            "Upstreams": { "default": { "Servers": ["{{server.Endpoint}}"] } },
            "Lists": { "policy": { "Sources": ["policy.rpz"] } },
            "QueryRules": [{ "When": { "Lists": ["policy"] }, "Action": "block" }, { "Action": "refuse" }]
            """,
            files: new Dictionary<string, string> { ["policy.rpz"] = "wall.test CNAME alias.example.\n" });
        Assert.True(DnsMessageReader.TryRead(await proxy.AskAsync(Wire.Query("wall.test", RecordType.A, udpSize: 1232)), out var message));
        Assert.Equal(["wall.test."], message.Answer.Select(static record => record.Name.ToString()));
    }

    [ToolFact("nsd")]
    public async Task AnswerRule_NameOfTheZonesServer_Matches()
    {
        using var server = await AuthoritativeServer.StartAsync("example", Zone + "\n");
        await using var proxy = await StartAsync(server, """
            ns.example.rpz-nsdname CNAME *.
            32.9.113.0.203.rpz-ip CNAME rpz-passthru.
            """);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal((ResponseCode.NoError, ""), await AskAsync(proxy, "other.example"));
            Assert.Equal((ResponseCode.NoError, "203.0.113.9"), await AskAsync(proxy, "fine.example"));
        }
    }

    private static Task<ProxyHarness> StartAsync(AuthoritativeServer server, string zone) => ProxyHarness.StartAsync(
        $$"""
            "Upstreams": { "default": { "Servers": ["{{server.Endpoint}}"] } },
            "Lists": { "policy": { "Sources": ["policy.rpz"] } },
            "AnswerRules": [{ "When": { "Lists": ["policy"] }, "Action": "block" }]
        """,
        files: new Dictionary<string, string> { ["policy.rpz"] = zone + "\n" });

    private static async Task<(ResponseCode Code, string Address)> AskAsync(ProxyHarness proxy, string name)
    {
        var response = await proxy.AskAsync(Wire.Query(name, RecordType.A, udpSize: 1232));
        return DnsMessageReader.TryRead(response, out var message)
            ? (message.ResponseCode, string.Join(' ', message.Answer.Where(static record => record.Type == RecordType.A).Select(static record => new System.Net.IPAddress(record.Rdata.Span))))
            : throw new InvalidDataException("The response cannot be read.");
    }
}
