using System.Net;
using System.Net.Sockets;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>Programs that other people wrote ask us over TLS and HTTPS, and believe our certificate.</summary>
public sealed class RealClientTests
{
    [ToolFact("unbound", "dig")]
    public async Task Unbound_ForwardsOverTls_GetsTheAnswer()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        var port = FreePort.Next();
        using var unbound = await StartAsync(proxy, "unbound", "start of service", ["-d", "-c", "client.yml"], $"""
            server:
                interface: 127.0.0.1@{port}
                do-daemonize: no
                username: ""
                chroot: ""
                directory: "{proxy.Folder}"
                pidfile: ""
                use-syslog: no
                verbosity: 1
                module-config: "iterator"
                do-not-query-localhost: no
                local-zone: "test." nodefault
                tls-cert-bundle: "{proxy.Folder}/self-signed.pem"
            forward-zone:
                name: "."
                forward-tls-upstream: yes
                forward-addr: 127.0.0.1@{proxy.Tls().Port}#localhost
            remote-control:
                control-enable: no
            """);
        await AskAsync(proxy, port, "tls");
    }

    [ToolFact("openssl")]
    public async Task OpenSsl_SecondConnection_ResumesTheSession()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        foreach (var version in (string[])["-tls1_2", "-tls1_3"])
        {
            var session = Path.Combine(proxy.Folder, $"session{version}");
            string[] arguments = ["s_client", "-connect", $"{proxy.Tls()}", "-alpn", "dot", version];
            using var first = ToolProcess.Start("openssl", [.. arguments, "-sess_out", session]);
            await TestWait.Until(() => File.Exists(session) && File.ReadAllText(session).Contains("END SSL SESSION", StringComparison.Ordinal));
            using var second = ToolProcess.Start("openssl", [.. arguments, "-sess_in", session]);
            await second.WaitForAsync("Reused, TLSv1.");
        }
    }

    [ToolFact("dnsdist", "dig")]
    public Task Dnsdist_AsksOverTls_GetsTheAnswer() => DnsdistAsync("tls", static proxy => $"address=\"{proxy.Tls()}\"");

    [ToolFact("dnsdist", "dig")]
    public Task Dnsdist_AsksOverHttps_GetsTheAnswer() => DnsdistAsync("https", static proxy => $"address=\"{proxy.Https()}\", dohPath=\"/dns-query\"");

    [ToolFact("stubby", "dig")]
    public async Task Stubby_WithThePin_GetsTheAnswer()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        var port = FreePort.Next();
        using var stubby = await StartAsync(proxy, "stubby", "Starting DAEMON", ["-l", "-C", "client.yml"], $"""
            resolution_type: GETDNS_RESOLUTION_STUB
            dns_transport_list:
              - GETDNS_TRANSPORT_TLS
            tls_authentication: GETDNS_AUTHENTICATION_REQUIRED
            tls_query_padding_blocksize: 128
            idle_timeout: 10000
            listen_addresses:
              - 127.0.0.1@{port}
            upstream_recursive_servers:
              - address_data: 127.0.0.1
                tls_port: {proxy.Tls().Port}
                tls_auth_name: "localhost"
                tls_pubkey_pinset:
                  - digest: "sha256"
                    value: {proxy.Server.Describe().Certificates[0].Pin}
            """);
        await AskAsync(proxy, port, "tls");
    }

    [ToolFact("curl")]
    public async Task Curl_ResolvesByHttps_FetchesThePage()
    {
        using var page = new TcpListener(IPAddress.Loopback, 0);
        page.Start();
        var port = ((IPEndPoint)page.LocalEndpoint).Port;
        var serving = ServeOnceAsync(page);
        await using var proxy = await ProxyHarness.StartAsync(
            "", zone: EncryptedProxy.Zone + "\nweb A 127.0.0.1\n", listener: """{ "Endpoints": ["https://127.0.0.1:0/dns-query"], "SelfSigned": true }""");
        var (code, output) = await ToolProcess.RunAsync(
            "curl", "-s", "--noproxy", "*", "--doh-url", $"https://localhost:{proxy.Endpoint.Port}/dns-query", "--doh-insecure", $"http://web.home.test:{port}/");
        Assert.Equal((0, "found"), (code, output.Trim()));
        await serving;
        Assert.True(proxy.Stats.Flows.ByTransport["https"] > 0);
    }

    private static async Task ServeOnceAsync(TcpListener page)
    {
        using var socket = await page.AcceptSocketAsync();
        await socket.ReceiveAsync(new byte[4_096]);
        await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nfound"u8.ToArray());
    }

    private static async Task DnsdistAsync(string transport, Func<ProxyHarness, string> server)
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        var port = FreePort.Next();
        using var dnsdist = await StartAsync(proxy, "dnsdist", "Marking downstream", ["--supervised", "--disable-syslog", "-C", "client.yml"], $$"""
            setLocal("127.0.0.1:{{port}}")
            setSecurityPollSuffix("")
            newServer({ {{server(proxy)}}, tls="openssl", caStore="{{proxy.Folder}}/self-signed.pem", subjectName="localhost", checkName="ns.home.test." })
            """);
        await AskAsync(proxy, port, transport);
    }

    private static async Task<ToolProcess> StartAsync(ProxyHarness proxy, string tool, string ready, string[] arguments, string configuration)
    {
        await File.WriteAllTextAsync(Path.Combine(proxy.Folder, "client.yml"), configuration + "\n");
        var process = ToolProcess.Start(tool, arguments.Select(argument => argument == "client.yml" ? Path.Combine(proxy.Folder, argument) : argument));
        await process.WaitForAsync(ready);
        return process;
    }

    private static async Task AskAsync(ProxyHarness proxy, int port, string transport)
    {
        var (code, output) = await ToolProcess.RunAsync("dig", "@127.0.0.1", "-p", $"{port}", "a.home.test", "+short", "+tries=5", "+timeout=3");
        Assert.Equal((0, "192.0.2.7"), (code, output.Trim()));
        Assert.True(proxy.Stats.Flows.ByTransport[transport] > 0);
    }
}
