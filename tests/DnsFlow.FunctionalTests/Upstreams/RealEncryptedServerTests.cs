using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>Real servers as upstreams over TLS and HTTPS.</summary>
public sealed class RealEncryptedServerTests : IDisposable
{
    private readonly ServerTrust _trust = new("dns.test,127.0.0.1");
    private readonly string _certificate, _key;
    private readonly int _plain = FreePort.Next(), _tls = FreePort.Next(), _https = FreePort.Next();

    public RealEncryptedServerTests() => (_certificate, _key) = TestAuthority.Write(_trust.Folder, "server", _trust.Certificate);

    public void Dispose() => _trust.Dispose();

    [ToolFact("unbound")]
    public async Task Unbound_OverTlsAndHttps_Answers()
    {
        using var unbound = await StartUnboundAsync();
        await AskAsync($"tls://127.0.0.1:{_tls}#dns.test");
        await AskAsync($"tls://127.0.0.1:{_tls}");
        await AskAsync($"tls://dns.test:{_tls}");
        await AskAsync($"https://127.0.0.1:{_https}/dns-query#dns.test");
        await AskAsync($"https://dns.test:{_https}/dns-query");
    }

    [ToolFact("unbound", "dnsdist")]
    public async Task Dnsdist_OverTlsAndHttps_Answers()
    {
        using var unbound = await StartUnboundAsync();
        var (tls, https) = (FreePort.Next(), FreePort.Next());
        var configuration = Path.Combine(_trust.Folder, "dnsdist.lua");
        await File.WriteAllTextAsync(configuration, $$"""
            setLocal("127.0.0.1:{{FreePort.Next()}}")
            newServer({address="127.0.0.1:{{_plain}}", healthCheckMode="up"})
            addTLSLocal("127.0.0.1:{{tls}}", "{{_certificate}}", "{{_key}}", { provider="openssl" })
            addDOHLocal("127.0.0.1:{{https}}", "{{_certificate}}", "{{_key}}", { "/dns-query" })
            setSecurityPollSuffix("")
            """);
        using var dnsdist = ToolProcess.Start("dnsdist", ["--supervised", "--disable-syslog", "-C", configuration]);
        await dnsdist.WaitForAsync("Marking downstream");
        await AskAsync($"tls://127.0.0.1:{tls}#dns.test");
        await AskAsync($"https://127.0.0.1:{https}/dns-query#dns.test");
    }

    // Fifty at once: each gets its own.
    private async Task AskAsync(string server)
    {
        await using var proxy = await ProxyHarness.StartAsync($$"""
            "Bootstrap": { "Servers": ["127.0.0.1:{{_plain}}"] },
            "Upstreams": { "default": { "Servers": ["{{server}}"], "CaFile": "{{_trust.CaFile}}", "Budget": "10s", "AttemptTimeout": "5s" } }
            """);
        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => proxy.AskAsync(Wire.Query($"n{i}.example"))));
        for (var i = 0; i < responses.Length; i++)
        {
            Assert.Equal((server, i, $"192.0.2.{i}"), (server, i, Wire.FirstAddress(responses[i])));
        }

        Assert.Equal(ResponseCode.NXDomain, Wire.Header(await proxy.AskAsync(Wire.Query("none.example"))).ResponseCode);
        Assert.Equal(0, proxy.Stats.Upstreams[0].Errors);
    }

    private async Task<ToolProcess> StartUnboundAsync()
    {
        var configuration = Path.Combine(_trust.Folder, "unbound.conf");
        var data = string.Join('\n', Enumerable.Range(0, 50).Select(i => $"    local-data: \"n{i}.example. A 192.0.2.{i}\""));
        await File.WriteAllTextAsync(configuration, $"""
            server:
                interface: 127.0.0.1@{_plain}
                interface: 127.0.0.1@{_tls}
                interface: 127.0.0.1@{_https}
                tls-port: {_tls}
                https-port: {_https}
                tls-service-key: "{_key}"
                tls-service-pem: "{_certificate}"
                do-daemonize: no
                username: ""
                chroot: ""
                directory: "{_trust.Folder}"
                pidfile: ""
                use-syslog: no
                verbosity: 1
                module-config: "iterator"
                local-zone: "." static
                local-data: "dns.test. A 127.0.0.1"
            {data}
            remote-control:
                control-enable: no
            """);
        var process = ToolProcess.Start("unbound", ["-d", "-c", configuration]);
        await process.WaitForAsync("start of service");
        return process;
    }
}
