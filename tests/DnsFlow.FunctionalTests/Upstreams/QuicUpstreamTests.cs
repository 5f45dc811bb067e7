using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.FunctionalTests.Tools.Quic;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Transports.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>
/// What goes over QUIC to scripted servers, with the framework's QUIC at both ends, over <c>libmsquic</c> or a stand-in for it (<see cref="QuicStandIn"/>). That it is refused where
/// there is none is shown by the program: ProgramTests.
/// </summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
[SupportedOSPlatform("windows")]
public sealed class QuicUpstreamTests : IDisposable
{
    private const string Good = "192.0.2.1";

    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _certificate;
    private readonly string _caFile = Path.GetTempFileName();

    public QuicUpstreamTests()
    {
        Assert.Null(QuicStandIn.Problem);
        _certificate = _authority.Issue(ScriptedServer.Name);
        File.WriteAllText(_caFile, _authority.Pem);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _certificate.Dispose();
        File.Delete(_caFile);
    }

    [QuicFact]
    public async Task Quic_ManyQuestions_GoOverOneConnectionWithIdZeroAndPadding()
    {
        await using var server = await FakeQuicUpstream.StartAsync(_certificate);
        await using var proxy = await StartAsync(server);
        var responses = await Task.WhenAll(Enumerable.Range(0, 150).Select(i => proxy.AskAsync(Wire.Query($"n{i}.example"))));
        Assert.All(responses, response => Assert.Equal(Good, Wire.FirstAddress(response)));
        Assert.Equal(1, server.Connections);
        foreach (var query in server.Queries)
        {
            Assert.Equal((0, 0), (query.Id, query.Message.Length % 128));
            Assert.True(DnsMessageReader.TryRead(query.Message, out var message));
            Assert.NotNull(message.Edns!.Find(EdnsOptionCode.Padding));
            Assert.Null(message.Edns.Find(EdnsOptionCode.TcpKeepalive));
        }

        Assert.Equal(("quic", null), (proxy.Stats.Upstreams[0].Transport, proxy.Stats.Upstreams[0].Problem));
    }

    [QuicFact]
    public async Task Quic_MoreQuestionsThanTheServerLetsStreamsOpen_WaitForTheirTurn()
    {
        await using var server = await FakeQuicUpstream.StartAsync(_certificate);
        var isFull = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = 0;
        server.Always(async query =>
        {
            if (Interlocked.Increment(ref asked) == FakeQuicUpstream.MaxStreams)
            {
                isFull.SetResult();
            }

            await isFull.Task;
            await query.SendAsync(query.Respond(Good));
        });
        await using var proxy = await StartAsync(server, ", \"Budget\": \"9s\", \"AttemptTimeout\": \"8s\", \"Attempts\": 1");
        var responses = await Task.WhenAll(Enumerable.Range(0, FakeQuicUpstream.MaxStreams + 50).Select(i => proxy.AskAsync(Wire.Query($"n{i}.example"))));
        Assert.All(responses, response => Assert.Equal(Good, Wire.FirstAddress(response)));
        Assert.Equal(1, server.Connections);
    }

    [QuicFact]
    public async Task Quic_ResponseIsAlmost64KiB_ComesWhole()
    {
        await using var server = await FakeQuicUpstream.StartAsync(_certificate);
        server.Always(query => query.SendAsync(Wire.Answer(query.Message, 60, [.. Enumerable.Range(0, 4_094).Select(static i => $"10.0.{i >> 8}.{i & 255}")])));
        await using var proxy = await StartAsync(server);
        using var client = await StreamClient.ConnectAsync(proxy.Endpoint);
        await client.SendAsync(Wire.Query("big.example"));
        var response = await client.ReceiveAsync();
        Assert.Equal((65_533, (ushort)4_094), (response!.Length, Wire.Header(response).AnswerCount));
    }

    [QuicFact]
    public async Task Quic_SourceAddress_IsWhereQuestionsLeaveFrom()
    {
        await using var server = await FakeQuicUpstream.StartAsync(_certificate);
        await using var proxy = await StartAsync(server, ", \"SourceAddress\": \"127.9.8.7\"");
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("a.example"))));
        Assert.All(server.Queries, query => Assert.Equal("127.9.8.7", query.From.Address.ToString()));
    }

    [QuicFact]
    public async Task Quic_ServerClosesTheConnection_NextQuestionConnectsAgain()
    {
        await using var server = await FakeQuicUpstream.StartAsync(_certificate);
        await using var proxy = await StartAsync(server);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("a.example"))));
        await server.CloseConnectionsAsync(0);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("b.example"))));
        Assert.Equal(2, server.Connections);
    }

    [QuicFact]
    public async Task Quic_QuestionIsGivenUp_ServerIsToldToStop()
    {
        await using var server = await FakeQuicUpstream.StartAsync(_certificate);
        server.Always(query => query.Question.StartsWith(Wire.Name("slow.example")) ? Task.CompletedTask : query.SendAsync(query.Respond(Good)));
        await using var proxy = await StartAsync(server, ", \"Budget\": \"300ms\", \"AttemptTimeout\": \"250ms\", \"Attempts\": 1");
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await proxy.AskAsync(Wire.Query("slow.example", udpSize: 1232))).ResponseCode);
        await TestWait.Until(() => server.Cancelled.Count > 0);
        Assert.Equal(3, server.Cancelled.First());
    }

    [QuicFact]
    public async Task Quic_ServerIsAtFault_TheOtherOneAnswers()
    {
        await using var good = await FakeQuicUpstream.StartAsync(_certificate);
        good.Always(FakeReplies.Answer("192.0.2.8"));
        foreach (var fault in new[]
        {
            FakeReplies.Silent, FakeReplies.Close, FakeReplies.Reset, FakeReplies.Garbage(1, 2, 3), FakeReplies.Wrong(ReplyField.Id), FakeReplies.Wrong(ReplyField.Name),
            FakeReplies.All(FakeReplies.HalfAnswer, FakeReplies.Close), FakeReplies.Code(ResponseCode.ServFail), FakeReplies.Garbage([.. Enumerable.Repeat((byte)255, 100_000)]),
        })
        {
            await using var bad = await FakeQuicUpstream.StartAsync(_certificate);
            bad.Always(fault);
            await using var proxy = await StartAsync(bad, ", \"AttemptTimeout\": \"250ms\"", AddressOf(good));
            Assert.Equal("192.0.2.8", Wire.FirstAddress(await proxy.AskAsync(Wire.Query("www.example"))));
        }
    }

    [QuicFact]
    public async Task Quic_CertificateOrProtocolIsWrong_IsRefusedWithItsReason()
    {
        using var stranger = new TestAuthority();
        using var untrusted = stranger.Issue(ScriptedServer.Name);
        using var named = _authority.Issue("other.test");
        var pin = Convert.ToBase64String(new byte[32]);
        foreach (var (certificate, settings, reason) in new[]
        {
            (named, "", "its certificate is not for 'dns.test' but for other.test"),
            (untrusted, "", "its certificate is not signed by an authority that is trusted"),
            (_certificate, $", \"Pins\": [\"{pin}\"]", $"its key is not one of Pins ({TlsTrust.PinOf(_certificate)})"),
        })
        {
            await using var server = await FakeQuicUpstream.StartAsync(certificate);
            await using var proxy = await StartAsync(server, settings);
            Assert.Equal(ResponseCode.ServFail, Wire.Header(await proxy.AskAsync(Wire.Query("www.example", udpSize: 1232))).ResponseCode);
            Assert.Equal(reason, proxy.Stats.Upstreams[0].Problem);
            Assert.True(proxy.Stats.Upstreams[0].Untrusted > 0);
        }

        await using var other = await FakeQuicUpstream.StartAsync(_certificate, "h3");
        await using var asking = await StartAsync(other);
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await asking.AskAsync(Wire.Query("www.example", udpSize: 1232))).ResponseCode);
        Assert.NotNull(asking.Stats.Upstreams[0].Problem);
    }

    [QuicFact]
    public async Task Http3_IsAPostOverHttp3OnOneConnection()
    {
        await using var server = await FakeHttpsUpstream.StartAsync(_certificate, HttpProtocols.Http3);
        await using var proxy = await StartAsync($"h3://{server.Endpoint}/dns-query#{ScriptedServer.Name}");
        var responses = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => proxy.AskAsync(Wire.Query($"n{i}.example"))));
        Assert.All(responses, response => Assert.Equal(Good, Wire.FirstAddress(response)));
        Assert.Equal(("/dns-query", "application/dns-message", "application/dns-message", "HTTP/3"), server.LastRequest);
        Assert.Equal(1, server.Connections);
        Assert.All(server.Queries, query => Assert.Equal((0, 0), (query.Id, query.Message.Length % 128)));
    }

    [QuicFact]
    public async Task Http3_ServerIsNotThereAndComesBack_IsAskedAgain()
    {
        var port = FreePort.Next();
        await using var proxy = await StartAsync($"h3://127.0.0.1:{port}/dns-query#{ScriptedServer.Name}");
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await proxy.AskAsync(Wire.Query("a.example", udpSize: 1232))).ResponseCode);
        await using var second = await FakeHttpsUpstream.StartAsync(_certificate, HttpProtocols.Http3, port);
        for (var i = 0; Wire.FirstAddress(await proxy.AskAsync(Wire.Query($"n{i}.example"))) != Good; i++)
        {
            Assert.True(i < 1_000, proxy.Stats.Upstreams[0].ToString());
        }
    }

    [QuicFact]
    public async Task Http3_CertificateIsWrong_IsRefusedWithItsReason()
    {
        using var named = _authority.Issue("other.test");
        await using var server = await FakeHttpsUpstream.StartAsync(named, HttpProtocols.Http3);
        await using var proxy = await StartAsync($"h3://{server.Endpoint}/dns-query#{ScriptedServer.Name}");
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await proxy.AskAsync(Wire.Query("www.example", udpSize: 1232))).ResponseCode);
        Assert.Equal("its certificate is not for 'dns.test' but for other.test", proxy.Stats.Upstreams[0].Problem);
    }

    private static string AddressOf(FakeQuicUpstream server) => $"quic://{server.Endpoint}#{ScriptedServer.Name}";

    private Task<ProxyHarness> StartAsync(FakeQuicUpstream server, string settings = "", params string[] others) => StartAsync(string.Join("\", \"", [AddressOf(server), .. others]), settings);

    private Task<ProxyHarness> StartAsync(string servers, string settings = "") => ProxyHarness.StartAsync(
        $$"""  "Upstreams": { "default": { "Servers": ["{{servers}}"], "CaFile": "{{_caFile}}"{{settings}} } }  """);
}
