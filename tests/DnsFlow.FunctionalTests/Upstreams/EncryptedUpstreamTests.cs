using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Transports.Tls;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>What goes over TLS and HTTPS to a scripted server, and whom the proxy believes.</summary>
public sealed class EncryptedUpstreamTests : IDisposable
{
    private const string Good = "192.0.2.1";

    private readonly ServerTrust _trust = new();

    public void Dispose() => _trust.Dispose();

    [Theory]
    [InlineData("tls")]
    [InlineData("https")]
    public async Task Query_IsPaddedAndNamesNobody_AnswerComesBack(string scheme)
    {
        await using var server = await ScriptedServer.StartAsync(scheme, _trust.Certificate);
        await using var proxy = await StartAsync(server.Address);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("www.example"))));
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query(new string('a', 60) + "." + new string('b', 60) + ".example"))));
        var lengths = server.Queries.Select(query => query.Message.Length).Order().ToList();
        Assert.All(lengths, length => Assert.Equal(0, length % 128));
        Assert.Equal(256, lengths[^1]);
        foreach (var query in server.Queries)
        {
            Assert.True(DnsMessageReader.TryRead(query.Message, out var message));
            Assert.NotNull(message.Edns!.Find(EdnsOptionCode.Padding));
            Assert.Equal(scheme == "tls", message.Edns.Find(EdnsOptionCode.TcpKeepalive) is not null);
            Assert.Equal(scheme == "https", query.Id == 0);
        }

        Assert.Equal(scheme, proxy.Stats.Upstreams[0].Transport);
        Assert.Null(proxy.Stats.Upstreams[0].Problem);
    }

    [Fact]
    public async Task Https_IsAPostOverHttp2OnOneConnection()
    {
        await using var server = await ScriptedServer.StartAsync("https", _trust.Certificate);
        await using var proxy = await StartAsync(server.Address);
        var responses = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => proxy.AskAsync(Wire.Query($"n{i}.example"))));
        Assert.All(responses, response => Assert.Equal(Good, Wire.FirstAddress(response)));
        Assert.Equal(("/dns-query", "application/dns-message", "application/dns-message", "HTTP/2"), server.Https.LastRequest);
        Assert.Equal(1, server.Https.Connections);
    }

    [Fact]
    public async Task Tls_AnswersOutOfOrder_EachGetsItsOwn()
    {
        var first = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync("tls", _trust.Certificate);
        server.Plain.ThenOnStream(FakeReplies.Held(first.Task, FakeReplies.Answer("192.0.2.8")));
        await using var proxy = await StartAsync(server.Address);
        var slow = proxy.AskAsync(Wire.Query("slow.example"));
        await server.NextQueryAsync();
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("fast.example"))));
        first.SetResult();
        Assert.Equal("192.0.2.8", Wire.FirstAddress(await slow));
        Assert.Equal(1, server.Plain.Handshakes);
    }

    [Fact]
    public async Task Tls_ConnectionIsClosedBetweenQuestions_NextOneReconnects()
    {
        await using var server = await ScriptedServer.StartAsync("tls", _trust.Certificate);
        await using var proxy = await StartAsync(server.Address);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("a.example"))));
        server.Queries.First().Close(reset: true);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("b.example"))));
        Assert.Equal(2, server.Plain.Handshakes);
    }

    [Fact]
    public async Task Tls_ServerFallsSilentUnderLoad_AllItOwesComesFromTheOtherOne()
    {
        await using var mortal = await ScriptedServer.StartAsync("tls", _trust.Certificate);
        await using var healthy = await ScriptedServer.StartAsync("tls", _trust.Certificate);
        healthy.Always(FakeReplies.Answer("192.0.2.8"));
        await using var proxy = await StartAsync($"{mortal.Address}\", \"{healthy.Address}", budget: "9s");     // a slow machine needs some of it
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("before.example"))));

        mortal.Always(FakeReplies.Silent);
        mortal.Plain.HoldHandshakes();
        var responses = await Task.WhenAll(Enumerable.Range(0, 600).Select(i => proxy.AskAsync(Wire.Query($"n{i}.example"))));
        Assert.All(responses, response => Assert.Equal("192.0.2.8", Wire.FirstAddress(response)));
    }

    [Theory]
    [InlineData("tls")]
    [InlineData("https")]
    public async Task Certificate_ThatIsWrong_IsRefusedWithItsReasonInLogAndStatistics(string scheme)
    {
        using var expired = _trust.Authority.Issue(ScriptedServer.Name, notAfter: new DateTimeOffset(2021, 2, 3, 0, 0, 0, TimeSpan.Zero));
        using var future = _trust.Authority.Issue(ScriptedServer.Name, notBefore: new DateTimeOffset(2080, 2, 3, 0, 0, 0, TimeSpan.Zero));
        using var named = _trust.Authority.Issue("other.test,192.0.2.7");
        using var stranger = new TestAuthority();
        using var untrusted = stranger.Issue(ScriptedServer.Name);
        var pin = Convert.ToBase64String(new byte[32]);
        foreach (var (certificate, settings, reason) in new[]
        {
            (expired, "", "its certificate expired on 2021-02-03"),
            (future, "", "its certificate is not valid before 2080-02-03"),
            (named, "", "its certificate is not for 'dns.test' but for other.test, 192.0.2.7"),
            (untrusted, "", "its certificate is not signed by an authority that is trusted"),
            (_trust.Certificate, $", \"Pins\": [\"{pin}\"]", $"its key is not one of Pins ({TlsTrust.PinOf(_trust.Certificate)})"),
        })
        {
            var log = new RecordingLogger();
            await using var server = await ScriptedServer.StartAsync(scheme, certificate);
            await using var proxy = await StartAsync(server.Address, settings, log);
            var response = await proxy.AskAsync(Wire.Query("www.example", udpSize: 1232));
            Assert.Equal(ResponseCode.ServFail, Wire.Header(response).ResponseCode);
            var row = proxy.Stats.Upstreams[0];
            Assert.Equal(reason, row.Problem);
            Assert.True(row.Untrusted > 0 && row.Errors > 0);
            Assert.Contains(log.Lines, line => line.Contains($"Upstream {server.Address} cannot be used: {reason}.", StringComparison.Ordinal));
            Assert.Empty(server.Queries);
        }
    }

    [Fact]
    public async Task Pin_OfAServerKnownByAddressAlone_IsProofEnough()
    {
        using var stranger = new TestAuthority();
        using var certificate = stranger.Issue("whatever.test");
        await using var server = await ScriptedServer.StartAsync("tls", certificate);
        await using var proxy = await ProxyHarness.StartAsync(
            $$"""  "Upstreams": { "default": { "Servers": ["tls://{{server.Endpoint}}"], "Pins": ["{{TlsTrust.PinOf(certificate)}}"] } }  """);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("www.example"))));
    }

    [Fact]
    public async Task Pin_OfAServerKnownByAddressAlone_IsWrong_AndThatIsSaid()
    {
        await using var server = await ScriptedServer.StartAsync("tls", _trust.Certificate);
        await using var proxy = await ProxyHarness.StartAsync(
            $$"""  "Upstreams": { "default": { "Servers": ["tls://{{server.Endpoint}}"], "Pins": ["{{Convert.ToBase64String(new byte[32])}}"] } }  """);
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await proxy.AskAsync(Wire.Query("www.example"))).ResponseCode);
        Assert.Equal($"its key is not one of Pins ({TlsTrust.PinOf(_trust.Certificate)})", proxy.Stats.Upstreams[0].Problem);
        Assert.Empty(server.Queries);
    }

    [Fact]
    public async Task Pin_BesideAName_NeedsTheCertificateToo()
    {
        using var stranger = new TestAuthority();
        using var certificate = stranger.Issue(ScriptedServer.Name);
        await using var server = await ScriptedServer.StartAsync("tls", certificate);
        await using var proxy = await StartAsync(server.Address, $", \"Pins\": [\"{TlsTrust.PinOf(certificate)}\"]");
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await proxy.AskAsync(Wire.Query("www.example"))).ResponseCode);
        Assert.Contains("not signed by an authority", proxy.Stats.Upstreams[0].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alpn_TlsServerInsistsOnAnother_IsRefused()
    {
        await using var server = await ScriptedServer.StartAsync("tls", _trust.Certificate, "http/1.1");
        await using var proxy = await StartAsync(server.Address);
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await proxy.AskAsync(Wire.Query("www.example"))).ResponseCode);
        Assert.StartsWith("TLS failed: ", proxy.Stats.Upstreams[0].Problem, StringComparison.Ordinal);
        Assert.True(proxy.Stats.Upstreams[0].Untrusted > 0);
    }

    [Fact]
    public async Task Alpn_HttpsServerWithoutHttp2_IsRefused()
    {
        await using var server = await ScriptedServer.StartAsync("tls", _trust.Certificate);
        await using var proxy = await StartAsync(ScriptedServer.AddressOf("https", server.Endpoint));
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await proxy.AskAsync(Wire.Query("www.example"))).ResponseCode);
        Assert.Equal("does not speak h2 (ALPN)", proxy.Stats.Upstreams[0].Problem);
    }

    [Fact]
    public async Task Name_IsResolvedByTheBootstrapServersAlone()
    {
        await using var bootstrap = new FakeUpstream().Always(query => query.Question[^3] == (byte)RecordType.A ? query.SendAsync(query.Respond("127.0.0.1")) : query.SendAsync(query.Respond(null)));
        await using var server = await ScriptedServer.StartAsync("tls", _trust.Certificate);
        await using var proxy = await ProxyHarness.StartAsync($$"""
            "Bootstrap": { "Servers": ["{{bootstrap.Endpoint}}"] },
            "Upstreams": { "default": { "Servers": ["tls://{{ScriptedServer.Name}}:{{server.Endpoint.Port}}"], "CaFile": "{{_trust.CaFile}}" } }
            """);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("www.example"))));
        Assert.Equal(2, bootstrap.Queries.Count(query => query.Question.StartsWith(Wire.Name(ScriptedServer.Name))));
    }

    [Fact]
    public async Task Name_ThatLeadsToOurselves_IsNotAsked()
    {
        await using var bootstrap = new FakeUpstream().Always(FakeReplies.Answer("127.0.0.1"));
        await using var proxy = await ProxyHarness.StartAsync(
            $$"""
            "Bootstrap": { "Servers": ["{{bootstrap.Endpoint}}"] },
            "Upstreams": { "default": { "Servers": ["tls://{{ScriptedServer.Name}}:{{FixedPort}}"] } }
            """,
            listener: $$"""{ "Endpoints": ["127.0.0.1:{{FixedPort}}"] }""");
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await proxy.AskAsync(Wire.Query("www.example"))).ResponseCode);
        Assert.Contains("only this proxy's own", proxy.Stats.Upstreams[0].Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Upstreams": { "default": { "Servers": ["tls://dns.test"] } } }""", "Servers:0", "Bootstrap:Servers has no server that resolves it")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": ["quic://192.0.2.1"], "Proxy": "socks5://127.0.0.1:1080" } } }""", "Servers:0", "cannot go through Proxy, which carries TCP")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": ["h3://192.0.2.1"], "SourceAddress": "192.0.2.9" } } }""", "Servers:0", "cannot leave from SourceAddress")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": ["tls://192.0.2.1"], "CaFile": "nowhere.pem" } } }""", "CaFile", "nowhere.pem' cannot be used")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": ["192.0.2.1"], "Pins": ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] } } }""", "Pins", "no server of the group is asked over TLS")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": ["tls://192.0.2.1"], "Pins": ["AAAA"] } } }""", "Pins:0", "is not a pin")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": ["192.0.2.1"], "Proxy": "socks5://127.0.0.1:1080" } } }""", "Servers:0", "cannot go through Proxy")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": ["tls://192.0.2.1"], "Proxy": "socks5://proxy.test" } } }""", "Proxy", "is not a proxy")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": ["tls://192.0.2.1"], "SourceAddress": "2001:db8::1" } } }""", "Servers:0", "do not mix")]
    public async Task Settings_ThatDoNotFit_AreRefusedWithTheirPlace(string settings, string path, string reason)
    {
        await using var proxy = await ProxyHarness.StartAsync("");
        var report = await proxy.CheckAsync($$"""{ "DnsFlow": { "Listeners": { "local": { "Endpoints": ["127.0.0.1:0"] } }, {{settings[1..]}} }""");
        Assert.Contains(report.Errors, error => error.Contains($"DnsFlow:Upstreams:default:{path}", StringComparison.Ordinal) && error.Contains(reason, StringComparison.Ordinal));
        Assert.DoesNotContain(report.Errors, error => error.Contains("is not an upstream group", StringComparison.Ordinal));
    }

    private static int FixedPort { get; } = Tools.FreePort.Next();

    private Task<ProxyHarness> StartAsync(string server, string settings = "", RecordingLogger? log = null, string budget = "3s") => ProxyHarness.StartAsync(
        $$"""  "Upstreams": { "default": { "Servers": ["{{server}}"], "CaFile": "{{_trust.CaFile}}", "Budget": "{{budget}}"{{settings}} } }  """, logger: log);
}
