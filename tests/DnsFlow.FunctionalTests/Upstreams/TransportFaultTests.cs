using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>
/// Each way in which an upstream can be broken, over each transport: with a healthy server beside it the client gets that one's answer, alone it gets an error inside the
/// budget, and local names are answered meanwhile. All faults of a transport run side by side.
/// </summary>
public sealed class TransportFaultTests : IDisposable
{
    private const string Good = "192.0.2.1", Late = "192.0.2.8";
    private const string Zone = "$ORIGIN home.test.\n$TTL 300\n@ SOA ns h 1 1 1 1 60\n@ NS ns\nns A 192.0.2.9\na A 192.0.2.7\n";

    private static readonly string[] s_everywhere =
    [
        "closed port", "silent", "late", "garbage", "wrong name", "wrong type", "wrong class", "no response", "wrong id", "SERVFAIL", "REFUSED", "FORMERR", "NOTIMP", "bare FORMERR", "truncated",
    ];

    private static readonly string[] s_streams = ["mute after connecting", "closed after connecting", "reset", "closed", "half answer"];
    private static readonly string[] s_tls = ["half a handshake", "plain text", "expired", "wrong certificate"];
    private static readonly string[] s_https = ["status 500", "redirect", "wrong media type", "too long"];

    private readonly TaskCompletionSource _late = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ServerTrust _trust = new();
    private readonly X509Certificate2 _expired, _other;

    public TransportFaultTests()
    {
        _expired = _trust.Authority.Issue(ScriptedServer.Name, notAfter: new DateTimeOffset(2021, 2, 3, 0, 0, 0, TimeSpan.Zero));
        _other = _trust.Authority.Issue("other.test");
    }

    public void Dispose()
    {
        _trust.Dispose();
        _expired.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    [InlineData("tls")]
    [InlineData("https")]
    public async Task EveryFault_OtherServerHealthy_ItsAnswerComes(string transport)
    {
        await using var good = await ScriptedServer.StartAsync(transport, _trust.Certificate);
        good.Always(query => query.Question.StartsWith(Wire.Name("late.example")) ? AllowLateAnswer() : query.SendAsync(query.Respond(Good)));
        var problems = await Task.WhenAll(FaultsOf(transport).Select(fault => WithServerAsync(transport, fault, async broken =>
        {
            await using var proxy = await StartAsync("8s", broken, good.Address);     // as long as it takes where a machine is busy
            var address = Wire.FirstAddress(await proxy.AskAsync(Wire.Query(fault == "late" ? "late.example" : "www.example")));
            return address == (fault == "late" ? Late : Good) ? Sums(proxy) : $"got {address ?? "no address"}: {proxy.Stats.Upstreams[0]}";
        })));
        Assert.Equal("", string.Join('\n', problems.OfType<string>()));
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    [InlineData("tls")]
    [InlineData("https")]
    public async Task EveryFault_NobodyElse_ErrorInsideTheBudgetAndLocalNamesAtOnce(string transport)
    {
        var problems = await Task.WhenAll(FaultsOf(transport).Where(static fault => fault != "late").Select(fault => WithServerAsync(transport, fault, async broken =>
        {
            await using var proxy = await StartAsync("1500ms", broken);
            var watch = Stopwatch.StartNew();
            var response = proxy.AskAsync(Wire.Query("www.example", udpSize: 1232));
            var local = Wire.FirstAddress(await proxy.AskAsync(Wire.Query("a.home.test")));
            var code = Wire.Header(await response).ResponseCode;
            var expected = fault switch
            {
                "REFUSED" => ResponseCode.Refused, "FORMERR" => ResponseCode.FormErr, "NOTIMP" => ResponseCode.NotImp, _ => ResponseCode.ServFail,
            };
            return local != "192.0.2.7" ? "the local name was not answered"
                : code != expected && code != ResponseCode.ServFail ? $"got {code}"
                : watch.Elapsed > TimeSpan.FromSeconds(6) ? $"took {watch.Elapsed}"
                : Sums(proxy);
        })));
        Assert.Equal("", string.Join('\n', problems.OfType<string>()));
    }

    private static string[] FaultsOf(string transport) => transport switch
    {
        "udp" => s_everywhere,
        "tcp" => [.. s_everywhere, .. s_streams],
        "tls" => [.. s_everywhere, .. s_streams, .. s_tls],
        _ => [.. s_everywhere.Except(["wrong id"]), .. s_streams.Except(["half answer"]), .. s_tls, .. s_https],
    };

    private async Task<string?> WithServerAsync(string transport, string fault, Func<string, Task<string?>> check)
    {
        if (fault == "closed port")
        {
            return Named(fault, await check(ScriptedServer.AddressOf(transport, ScriptedServer.Nobody())));
        }

        if (s_streams.Take(2).Contains(fault) || s_tls.Take(2).Contains(fault))
        {
            using var listener = new BadListener(fault);
            return Named(fault, await check(ScriptedServer.AddressOf(transport, listener.Endpoint)));
        }

        await using var server = await ScriptedServer.StartAsync(transport, fault switch { "expired" => _expired, "wrong certificate" => _other, _ => _trust.Certificate });
        server.Always(Reply(fault));
        if (s_https.Contains(fault))
        {
            server.Https.Head = response => BreakHead(response, fault);
        }

        return Named(fault, await check(server.Address));
    }

    private static string? Named(string fault, string? problem) => problem is null ? null : $"{fault}: {problem}";

    // The other server keeps silent, and the first one answers when its attempt is overdue: that answer counts.
    private Task AllowLateAnswer()
    {
        _late.TrySetResult();
        return Task.CompletedTask;
    }

    private FakeReply Reply(string fault) => FakeReplies.Fault(fault) ?? fault switch
    {
        "late" => FakeReplies.Held(_late.Task, FakeReplies.Answer(Late)),
        "NOTIMP" => FakeReplies.Code(ResponseCode.NotImp),
        "bare FORMERR" => FakeReplies.BareCode(ResponseCode.FormErr),
        "truncated" => FakeReplies.Truncated,
        "reset" => FakeReplies.Reset,
        "closed" => FakeReplies.Close,
        "half answer" => FakeReplies.HalfAnswer,
        "too long" => FakeReplies.Garbage(new byte[70_000]),
        _ => FakeReplies.Answer("192.0.2.66"),      // and nobody may believe it
    };

    private static void BreakHead(Microsoft.AspNetCore.Http.HttpResponse response, string fault)
    {
        response.StatusCode = fault switch { "status 500" => 500, "redirect" => 302, _ => 200 };
        response.ContentType = fault == "wrong media type" ? "text/html" : "application/dns-message";
        response.Headers.Location = fault == "redirect" ? "/elsewhere" : default;
    }

    private Task<ProxyHarness> StartAsync(string budget, params string[] servers) => ProxyHarness.StartAsync(
        $$"""
        "Upstreams": { "default": {
            "Servers": [{{string.Join(", ", servers.Select(server => $"\"{server}\""))}}], "Budget": "{{budget}}", "AttemptTimeout": "250ms"
            {{(servers[0].Contains('#') ? $", \"CaFile\": \"{_trust.CaFile}\"" : "")}} } }
        """,
        zone: Zone);

    private static string? Sums(ProxyHarness proxy)
        => proxy.Stats.Queries is var queries && queries.Total == queries.ByOutcome.Values.Sum() + queries.InFlight ? null : "the outcomes do not add up";
}
