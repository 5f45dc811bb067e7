using System.Net.Security;
using System.Security.Authentication;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.TestKit;
using Microsoft.AspNetCore.Connections.Features;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>
/// The second connection to a server resumes the session of the first, however that one ended. Each test has a name of its own: the runtime keeps one session for a name, and
/// the servers of two tests do not know each other's.
/// </summary>
public sealed class ResumptionTests : IDisposable
{
    private const string Good = "192.0.2.1";

    private readonly TestAuthority _authority = new();
    private readonly ManualTimeProvider _time = new();
    private readonly string _name = $"resumption-{Guid.NewGuid():N}.test";
    private readonly string _caFile = Path.GetTempFileName();

    public ResumptionTests() => File.WriteAllText(_caFile, _authority.Pem);

    public void Dispose()
    {
        _authority.Dispose();
        File.Delete(_caFile);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(SslProtocols.Tls12, "idle")]
    [InlineData(SslProtocols.Tls13, "idle")]
    [InlineData(SslProtocols.Tls12, "closed by the server")]
    [InlineData(SslProtocols.Tls13, "closed by the server")]
    [InlineData(SslProtocols.Tls12, "reset by the server")]
    [InlineData(SslProtocols.Tls13, "reset by the server")]
    [InlineData(SslProtocols.Tls12, "cut")]
    [InlineData(SslProtocols.Tls13, "cut")]
    public async Task Tls_SecondConnection_ResumesTheSession(SslProtocols version, string end)
    {
        using var certificate = _authority.Issue(_name);
        await using var server = new FakeUpstream(tls: new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = version });
        using var watch = new TlsWatch(server.Endpoint);
        await using var proxy = await StartAsync($"tls://{watch.Endpoint}#{_name}");
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("a.example"))));
        switch (end)
        {
            case "idle":
                await TestWait.Until(() => Advance(watch));
                break;
            case "cut":
                watch.Cut();
                break;
            default:
                server.Queries.First().Close(reset: end.StartsWith("reset", StringComparison.Ordinal));
                break;
        }

        await SecondResumesAsync(watch, proxy);
        Assert.True(end != "idle" || watch.Conversations[0].IsClosedInOrder);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("closed by the server")]
    [InlineData("cut")]
    public async Task Https_SecondConnection_ResumesTheSession(string end)
    {
        using var certificate = _authority.Issue(_name);
        await using var server = await FakeHttpsUpstream.StartAsync(certificate);
        var head = server.Head;
        server.Head = response =>
        {
            head(response);
            if (end != "cut")
            {
                response.HttpContext.Features.Get<IConnectionLifetimeNotificationFeature>()!.RequestClose();
            }
        };
        using var watch = new TlsWatch(server.Endpoint);
        await using var proxy = await StartAsync($"https://{watch.Endpoint}/dns-query#{_name}");
        await server.NextQueryAsync();      // the proxy's own, which opens the connection
        if (end == "cut")
        {
            Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("a.example"))));
            watch.Cut();
        }

        await SecondResumesAsync(watch, proxy);
    }

    private static async Task SecondResumesAsync(TlsWatch watch, ProxyHarness proxy)
    {
        await TestWait.Until(() => watch.Conversations[0].FromClient.IsEnded);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("b.example"))));
        Assert.Equal([false, true], watch.Conversations.Select(static conversation => conversation.IsResumed));
        Assert.Equal(0, proxy.Stats.Upstreams[0].Untrusted);
    }

    // Again and again: the shard may note that the answer was the last one after the client has it.
    private bool Advance(TlsWatch watch)
    {
        _time.Advance(TimeSpan.FromSeconds(31));
        return watch.Conversations[0].FromClient.IsEnded;
    }

    private Task<ProxyHarness> StartAsync(string server) => ProxyHarness.StartAsync(
        $$"""  "Upstreams": { "default": { "Servers": ["{{server}}"], "CaFile": "{{_caFile}}" } }  """, time: _time);
}
