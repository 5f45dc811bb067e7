using System.Net.Sockets;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Policy;

/// <summary>Rules that need more than one question, or look at what an upstream answers: through the whole proxy, with a real server behind it.</summary>
public sealed class DetourTests
{
    private const string Zone = """
        $ORIGIN example.
        $TTL 300
        @ SOA ns h 1 1 1 1 60
        @ NS ns
        ns A 192.0.2.1
        target A 192.0.2.7
        target TXT "of the target"
        alias CNAME target
        both A 192.0.2.8
        both AAAA 2001:db8::8
        inner A 10.0.0.5
        inner-alias CNAME inner
        hint HTTPS 1 . ipv4hint=192.168.1.1
        outer HTTPS 1 . ipv4hint=192.0.2.1
        """;

    [ToolFact("nsd")]
    public async Task Rewrite_AnotherName_IsAnsweredBehindACname_OrFlattened()
    {
        await using var setup = await StartAsync("""
            "QueryRules": [
              { "When": { "Domains": ["=search.test"] }, "Action": "rewrite", "Target": "target.example", "Ttl": "1m" },
              { "When": { "Domains": ["=flat.test"] }, "Action": "rewrite", "Target": "alias.example", "Flatten": true },
              { "Action": "forward", "To": "default" }
            ]
            """);
        for (var i = 0; i < 2; i++)     // forwarded, then out of the cache
        {
            var kept = await setup.AskAsync("Search.test", RecordType.A);
            Assert.Equal(["Search.test. IN CNAME target.example.", "target.example. IN A 192.0.2.7"], Lines(kept));
            Assert.Equal(["flat.test. IN A 192.0.2.7"], Lines(await setup.AskAsync("flat.test", RecordType.A)));
        }

        Assert.Equal(["flat.test. IN TXT \"of the target\""], Lines(await setup.AskAsync("flat.test", RecordType.TXT, overStream: true)));
        Assert.Empty((await setup.AskAsync("flat.test", RecordType.AAAA)).Answer);
        Assert.Equal(6, setup.Proxy.Stats.Queries.Total);
        Assert.Equal(0, setup.Proxy.Stats.Queries.InFlight);
    }

    [ToolFact("nsd")]
    public async Task Rewrite_ToAnAliasThatLeadsOutOfOurZones_IsFollowedToTheUpstream()
    {
        await using var setup = await StartAsync(
            """
            "Zones": { "local": { "Origin": "local.test", "File": "local.zone" } },
            "QueryRules": [
              { "When": { "Domains": ["=kept.test"] }, "Action": "rewrite", "Target": "first.local.test", "Ttl": "1m" },
              { "When": { "Domains": ["=flat.test"] }, "Action": "rewrite", "Target": "out.local.test", "Flatten": true },
              { "When": { "Domains": ["=gone.test"] }, "Action": "rewrite", "Target": "gone.local.test" },
              { "Action": "forward", "To": "default" }
            ],
            "AnswerRules": [{ "Action": "dns64", "Prefix": "64:ff9b::/96" }]
            """,
            files: new Dictionary<string, string>
            {
                ["local.zone"] = "$TTL 300\n@ SOA ns h 1 1 1 1 60\n@ NS ns\nns A 192.0.2.1\nfirst CNAME out\nout CNAME alias.example.\ngone CNAME nothing.example.\n",
            });
        foreach (var overStream in new[] { false, true, false })     // forwarded, then out of the cache
        {
            Assert.Equal(
                [
                    "kept.test. IN CNAME first.local.test.", "first.local.test. IN CNAME out.local.test.", "out.local.test. IN CNAME alias.example.",
                    "alias.example. IN CNAME target.example.", "target.example. IN A 192.0.2.7",
                ],
                Lines(await setup.AskAsync("kept.test", RecordType.A, overStream)));
            Assert.Equal(["flat.test. IN A 192.0.2.7"], Lines(await setup.AskAsync("flat.test", RecordType.A, overStream)));
            Assert.Equal("target.example. IN AAAA 64:ff9b::c000:207", Lines(await setup.AskAsync("kept.test", RecordType.AAAA, overStream)).Last());
            Assert.Equal(ResponseCode.NXDomain, (await setup.AskAsync("gone.test", RecordType.A, overStream)).ResponseCode);
        }

        Assert.Equal(0, setup.Proxy.Stats.Queries.InFlight);
    }

    [ToolFact("nsd")]
    public async Task Dns64_NameWithoutAaaa_GetsOneMadeOfItsA()
    {
        await using var setup = await StartAsync("""
            "AnswerRules": [{ "Action": "dns64", "Prefix": "64:ff9b::/96" }]
            """);
        for (var i = 0; i < 2; i++)
        {
            var made = await setup.AskAsync("target.example", RecordType.AAAA);
            Assert.Equal(["target.example. IN AAAA 64:ff9b::c000:207"], Lines(made));
            Assert.InRange(made.Answer[0].TimeToLive, 1u, 60u);       // the SOA's: shorter than the A record's
            Assert.Equal(
                ["alias.example. IN CNAME target.example.", "target.example. IN AAAA 64:ff9b::c000:207"], Lines(await setup.AskAsync("alias.example", RecordType.AAAA, overStream: true)));
            Assert.Equal(["both.example. IN AAAA 2001:db8::8"], Lines(await setup.AskAsync("both.example", RecordType.AAAA)));
            Assert.Empty((await setup.AskAsync("inner.example", RecordType.AAAA)).Answer);      // a private address behind the well-known prefix
            Assert.Equal(ResponseCode.NXDomain, (await setup.AskAsync("nothing.example", RecordType.AAAA)).ResponseCode);
        }

        Assert.Equal(0, setup.Proxy.Stats.Queries.InFlight);
    }

    [ToolFact("nsd")]
    public async Task Dns64_BehindARewriteOrADelay_IsMadeOfTheRewrittenNamesAddress_NeverOfItsOwn()
    {
        await using var setup = await StartAsync("""
            "QueryRules": [
              { "When": { "Domains": ["=both.example"] }, "Action": "rewrite", "Target": "target.example", "Ttl": "1m" },
              { "When": { "Domains": ["=inner.example"] }, "Action": "delay", "By": "1ms" },
              { "When": { "Domains": ["=inner.example"] }, "Action": "rewrite", "Target": "alias.example", "Flatten": true },
              { "When": { "Domains": ["=target.example"] }, "Action": "delay", "By": "1ms" },
              { "Action": "forward", "To": "default" }
            ],
            "AnswerRules": [{ "Action": "dns64", "Prefix": "2001:db8:64::/96" }]
            """);
        foreach (var overStream in new[] { false, true, false })     // forwarded, then out of the cache
        {
            Assert.Equal(
                ["both.example. IN CNAME target.example.", "target.example. IN AAAA 2001:db8:64::c000:207"], Lines(await setup.AskAsync("both.example", RecordType.AAAA, overStream)));
            Assert.Equal(["inner.example. IN AAAA 2001:db8:64::c000:207"], Lines(await setup.AskAsync("inner.example", RecordType.AAAA, overStream)));
            Assert.Equal(["target.example. IN AAAA 2001:db8:64::c000:207"], Lines(await setup.AskAsync("target.example", RecordType.AAAA, overStream)));
        }

        Assert.Equal(0, setup.Proxy.Stats.Queries.InFlight);
    }

    [ToolFact("nsd")]
    public async Task Rebinding_PrivateAddress_IsNotLetThrough_FreshOrCached()
    {
        await using var setup = await StartAsync("""
            "AnswerRules": [{ "Action": "rebinding" }]
            """);
        foreach (var overStream in new[] { false, true, false })
        {
            foreach (var (name, type) in new[] { ("inner.example", RecordType.A), ("inner-alias.example", RecordType.A), ("hint.example", RecordType.HTTPS) })
            {
                var blocked = await setup.AskAsync(name, type, overStream);
                Assert.Equal((ResponseCode.NXDomain, 0), (blocked.ResponseCode, blocked.Answer.Count));
                Assert.Equal(new byte[] { 0, 15 }, blocked.Edns!.Find(EdnsOptionCode.ExtendedError)!.Data[..2].ToArray());
            }

            Assert.Single((await setup.AskAsync("outer.example", RecordType.HTTPS, overStream)).Answer);
            Assert.Single((await setup.AskAsync("target.example", RecordType.A, overStream)).Answer);
        }

        Assert.Equal(9, setup.Proxy.Stats.Queries.ByOutcome["blocked"]);
    }

    [ToolFact("nsd")]
    public async Task AnswerRules_AddressNameAndTtl_AreSeen()
    {
        await using var setup = await StartAsync("""
            "AnswerRules": [
              { "When": { "AnswerName": ["inner.example"] }, "Action": "refuse" },
              { "When": { "AnswerIn": ["192.0.2.8"] }, "Action": "answer", "Records": ["A 198.51.100.1"] },
              { "When": { "Types": ["TXT"] }, "Action": "ttl", "Max": "10s" }
            ]
            """);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(ResponseCode.Refused, (await setup.AskAsync("inner-alias.example", RecordType.A)).ResponseCode);
            Assert.Equal(["both.example. IN A 198.51.100.1"], Lines(await setup.AskAsync("both.example", RecordType.A)));
            Assert.InRange(Assert.Single((await setup.AskAsync("target.example", RecordType.TXT)).Answer).TimeToLive, 1u, 10u);
            Assert.Equal(["target.example. IN A 192.0.2.7"], Lines(await setup.AskAsync("target.example", RecordType.A)));
        }
    }

    [ToolFact("nsd")]
    public async Task Delay_HoldsTheQueryBack_AndRateLimitRefusesAboveTheRate()
    {
        await using var setup = await StartAsync("""
            "QueryRules": [
              { "When": { "Domains": ["both.example"] }, "Action": "delay", "By": "300ms" },
              { "When": { "Domains": ["both.example"], "Types": ["TXT"] }, "Action": "refuse" },
              { "When": { "Domains": ["target.example"] }, "Action": "rate-limit", "Rate": "1/m", "Burst": 2, "Over": "refuse" },
              { "Action": "forward", "To": "default" }
            ]
            """);
        foreach (var type in new[] { RecordType.A, RecordType.A, RecordType.TXT })
        {
            var began = TimeProvider.System.GetTimestamp();
            var response = await setup.AskAsync("both.example", type);
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromMilliseconds(290), TimeSpan.FromSeconds(5));
            Assert.Equal(type == RecordType.TXT ? ResponseCode.Refused : ResponseCode.NoError, response.ResponseCode);
        }

        ResponseCode[] codes = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(async i => (await setup.AskAsync("target.example", RecordType.A, overStream: i == 3)).ResponseCode))];
        Assert.Equal(2, codes.Count(static code => code == ResponseCode.Refused));
        Assert.Equal(0, setup.Proxy.Stats.Queries.InFlight);
    }

    [ToolFact("nsd")]
    public async Task Mirror_AsksTheSecondGroupAsWell_AndIgnoresIt()
    {
        await using var second = new FakeUpstream();
        await using var setup = await StartAsync(
            """
            "QueryRules": [{ "Action": "mirror", "To": "second" }, { "Action": "forward", "To": "default" }]
            """,
            second.Address);
        Assert.Equal(["target.example. IN A 192.0.2.7"], Lines(await setup.AskAsync("target.example", RecordType.A)));
        Assert.Equal(Wire.Name("target.example"), (await second.NextQueryAsync()).Question[..^4].ToArray());
        Assert.Equal(["both.example. IN A 192.0.2.8"], Lines(await setup.AskAsync("both.example", RecordType.A, overStream: true)));     // one alike could join the first
        Assert.Equal(Wire.Name("both.example"), (await second.NextQueryAsync()).Question[..^4].ToArray());
    }

    // Without TTLs: they fall while the test runs.
    private static IEnumerable<string> Lines(DnsMessage message) => message.Answer.Select(
        static record => string.Join(' ', record.ToString().Split(default(char[]), StringSplitOptions.RemoveEmptyEntries).Where(static (_, i) => i != 1)));

    private static async Task<Setup> StartAsync(string rules, string? second = null, IReadOnlyDictionary<string, string>? files = null)
    {
        var server = await AuthoritativeServer.StartAsync("example", Zone + "\n");
        var others = second is null ? "" : $$""", "second": { "Servers": ["{{second}}"] }""";
        var proxy = await ProxyHarness.StartAsync(
            $$"""  "Upstreams": { "default": { "Servers": ["{{server.Endpoint}}"] }{{others}} }, {{rules}}  """, files: files);
        return new(server, proxy);
    }

    private sealed record Setup(AuthoritativeServer Server, ProxyHarness Proxy) : IAsyncDisposable
    {
        public async Task<DnsMessage> AskAsync(string name, RecordType type, bool overStream = false)
        {
            var query = Wire.Query(name, type, udpSize: 1232);
            var response = overStream ? await AskOverStreamAsync(query) : await Proxy.AskAsync(query);
            return DnsMessageReader.TryRead(response, out var message) ? message : throw new InvalidDataException("The response cannot be read.");
        }

        public async ValueTask DisposeAsync()
        {
            await Proxy.DisposeAsync();
            Server.Dispose();
        }

        private async Task<byte[]> AskOverStreamAsync(byte[] query)
        {
            using var client = new TcpClient(AddressFamily.InterNetwork);
            await client.ConnectAsync(Proxy.Endpoint);
            var stream = client.GetStream();
            await stream.WriteAsync((byte[])[(byte)(query.Length >> 8), (byte)query.Length, .. query]);
            var length = new byte[2];
            await stream.ReadExactlyAsync(length);
            var response = new byte[(length[0] << 8) | length[1]];
            await stream.ReadExactlyAsync(response);
            return response;
        }
    }
}
