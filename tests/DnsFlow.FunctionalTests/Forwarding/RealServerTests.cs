using System.Net;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.TestKit;
using DnsFlow.Transports;
using DnsFlow.Transports.Udp;

namespace DnsFlow.FunctionalTests.Forwarding;

/// <summary>Through the proxy, real clients get from real servers what they get without it.</summary>
public class RealServerTests
{
    private protected virtual IDatagramNetwork Network => UdpNetwork.Create();

    private const string Zone = """
        $ORIGIN example.
        $TTL 300
        @       SOA ns hostmaster 1 3600 900 604800 60
                NS  ns
                MX  10 mail
        ns      A   192.0.2.1
        mail    A   192.0.2.2
                AAAA 2001:db8::2
        www     CNAME web
        web     A   192.0.2.3
                A   192.0.2.4
        text    TXT "one" "two; with \"quotes\""
        srv     SRV 1 2 5060 mail
        svc     HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.9
        *.wild  A   192.0.2.5
        """;

    private static readonly string[] s_questions =
    [
        "example SOA", "example NS", "example MX", "mail.example A", "mail.example AAAA", "www.example A", "WWW.Example AAAA", "text.example TXT",
        "srv.example SRV", "svc.example HTTPS", "a.b.wild.example A", "none.example A", "web.example TXT", "big.example TXT",
    ];

    private static string BigZone { get; } =
        Zone + "\n" + string.Join('\n', Enumerable.Range(0, 40).Select(i => $"big TXT \"{i:000}{new string('x', 120)}\"")) + "\n";

    [ToolFact("nsd", "dig")]
    public async Task Dig_OverUdpAndTcp_GetsWhatNsdSays()
    {
        using var nsd = await AuthoritativeServer.StartAsync("example", BigZone);
        await using var proxy = await ProxyHarness.StartAsync(ProxyHarness.ForwardTo(nsd.Endpoint), network: Network);
        foreach (var question in s_questions)
        {
            foreach (string[] transport in (string[][])[["+notcp"], ["+tcp"], ["+notcp", "+ignore", "+bufsize=4096"], ["+dnssec"], ["+noedns"]])
            {
                var ignoresTruncation = transport.Contains("+ignore") && question.StartsWith("big", StringComparison.Ordinal);
                var direct = await DigAsync(nsd.Port, question, transport);
                var proxied = await DigAsync(proxy.Endpoint.Port, question, transport);
                if (!ignoresTruncation)     // 4,096 octets are nsd's to send by UDP, not ours
                {
                    Assert.Equal((question, direct), (question, proxied));
                }
            }
        }

        Assert.Equal(proxy.Stats.Queries.Total, proxy.Stats.Queries.ByOutcome.Values.Sum());
    }

    [ToolFact("nsd", "kdig")]
    public async Task Kdig_KeepsOneConnection_GetsAnswersToAllItsQuestions()
    {
        using var nsd = await AuthoritativeServer.StartAsync("example", Zone);
        await using var proxy = await ProxyHarness.StartAsync(ProxyHarness.ForwardTo(nsd.Endpoint), network: Network);
        var (code, output) = await ToolProcess.RunAsync(
            "kdig", "@127.0.0.1", "-p", $"{proxy.Endpoint.Port}", "+tcp", "+keepopen", "+noall", "+answer",
            "mail.example", "A", "mail.example", "AAAA", "web.example", "A", "text.example", "TXT");
        Assert.Equal(0, code);
        Assert.Contains("192.0.2.2", output, StringComparison.Ordinal);
        Assert.Contains("2001:db8::2", output, StringComparison.Ordinal);
        Assert.Contains("192.0.2.4", output, StringComparison.Ordinal);
        Assert.Contains("quotes", output, StringComparison.Ordinal);
        Assert.Equal(1, proxy.Stats.Flows.ByTransport["tcp"]);
    }

    [ToolFact("unbound", "dig")]
    public async Task Dig_UnboundBehind_GetsItsAnswersAndItsNXDomain()
    {
        using var unbound = await RecursiveServer.StartAsync("host.example. 60 IN A 198.51.100.1", "host.example. 60 IN TXT \"from unbound\"");
        await using var proxy = await ProxyHarness.StartAsync(ProxyHarness.ForwardTo(new IPEndPoint(IPAddress.Loopback, unbound.Port)), network: Network);
        Assert.Contains("198.51.100.1", await DigAsync(proxy.Endpoint.Port, "host.example A", []), StringComparison.Ordinal);
        Assert.Contains("from unbound", await DigAsync(proxy.Endpoint.Port, "host.example TXT", ["+tcp"]), StringComparison.Ordinal);
        Assert.Contains("NXDOMAIN", await DigAsync(proxy.Endpoint.Port, "none.example A", []), StringComparison.Ordinal);
    }

    [ToolFact("nsd", "dnsperf")]
    public async Task DnsPerf_FiftyThousandQueries_NoneIsLost()
    {
        using var nsd = await AuthoritativeServer.StartAsync(".", RootZone());
        await using var proxy = await ProxyHarness.StartAsync(ProxyHarness.ForwardTo(nsd.Endpoint), network: Network);
        var list = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(list, Questions().Take(50_000));
            var (_, output) = await ToolProcess.RunAsync("dnsperf", "-s", "127.0.0.1", "-p", $"{proxy.Endpoint.Port}", "-d", list, "-c", "20", "-q", "100");
            Assert.Matches(@"Queries completed:\s+50000 \(100.00%\)", output);
            Assert.Matches(@"Queries lost:\s+0 ", output);
        }
        finally
        {
            File.Delete(list);
        }

        var queries = proxy.Stats.Queries;
        Assert.Equal(50_000, queries.Total);
        Assert.Equal(queries.Total, queries.ByOutcome.Values.Sum() + queries.InFlight);
        Assert.Equal(0, queries.ByOutcome["failed"] + queries.ByOutcome["shed"]);
    }

    /// <summary>Real questions where the data folder is there; else names that repeat as real ones do.</summary>
    private static IEnumerable<string> Questions()
    {
        if (DnsFlowData.Folder is { } folder)
        {
            var real = DnsFlowData.ReadGzipLines(Path.Combine(folder, "names", "root-server-2016-10-06-1355-queries.txt.gz")).ToArray();
            return Enumerable.Range(0, int.MaxValue).Select(i => real[i % real.Length]);
        }

        return Enumerable.Range(0, int.MaxValue).Select(i => $"n{(long)i * i % 5_003}.tld{i % 7} {(i % 3 == 0 ? "AAAA" : "A")}");
    }

    private static string RootZone() => """
        $ORIGIN .
        $TTL 300
        @ SOA a.root h.root 1 3600 900 604800 60
        @ NS a.root
        a.root A 127.0.0.1
        *.tld1 A 192.0.2.1
        *.tld2 AAAA 2001:db8::1
        *.com A 192.0.2.2
        *.net CNAME target.com
        """ + "\n";

    private static async Task<string> DigAsync(int port, string question, IEnumerable<string> options)
    {
        string[] arguments = ["@127.0.0.1", "-p", $"{port}", .. question.Split(' '), "+noall", "+answer", "+authority", "+comments", "+tries=1", "+time=5", .. options];
        var (code, output) = await ToolProcess.RunAsync("dig", arguments);
        Assert.True(code == 0, output);
        var lines = output.Split('\n').Where(line => line.Contains("status:", StringComparison.Ordinal) || (line.Length > 0 && line[0] != ';'));
        return string.Join('\n', lines.Select(Normalize).Order(StringComparer.Ordinal));
    }

    /// <summary>What is the same with a proxy between: RCODE and records. IDs and TTLs are not, nor is the NS set that a forwarder may leave out.</summary>
    private static string Normalize(string line) => line.Contains("status:", StringComparison.Ordinal)
        ? line.Split(',')[1].Trim()
        : string.Join(' ', line.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries).Where((_, i) => i != 1));
}
