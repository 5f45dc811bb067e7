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
