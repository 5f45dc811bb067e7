using System.Net;
using DnsFlow.FunctionalTests.Program;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>By which way questions leave: through a proxy, from an address, by an interface, under a mark.</summary>
public sealed class UpstreamOriginTests : IDisposable
{
    private const string Good = "192.0.2.1";

    // Two ways to the same address. The one by up0 leads to a server, the one by idle0 to nobody, and is the one that the routes choose; with the mark they choose the first.
    private const string Script = """
        set -e
        ip link set lo up
        unshare -n sleep 120 & peer=$!
        until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
        for link in up idle; do
            ip link add ${link}0 type veth peer name ${link}1
            ip link set ${link}1 netns $peer
            ip link set ${link}0 up
        done
        for link in all up0; do     # answers come back by another way than the routes would choose
            [ "$(cat /proc/sys/net/ipv4/conf/$link/rp_filter)" = 0 ] || echo 0 >/proc/sys/net/ipv4/conf/$link/rp_filter
        done
        ip addr add 10.9.9.1/24 dev up0
        ip addr add 10.8.8.1/24 dev idle0
        nsenter -t $peer -n sh -c 'ip link set lo up; ip link set up1 up; ip addr add 10.9.9.2/24 dev up1; ip addr add 198.51.100.53/32 dev lo'
        ip route add 198.51.100.53/32 dev idle0 src 10.8.8.1 metric 10
        ip route add 198.51.100.53/32 via 10.9.9.2 dev up0 src 10.9.9.1 metric 20
        ip route add 198.51.100.53/32 via 10.9.9.2 dev up0 src 10.9.9.1 table 100
        ip rule add fwmark 7 lookup 100
        nsenter -t $peer -n $program run -c "$folder/upstream.json" >"$folder/upstream.log" 2>&1 & upstream=$!
        $program run -c "$folder/dnsflow.json" >"$folder/log" 2>&1 & proxy=$!
        trap 'kill $proxy $upstream $peer' EXIT
        until grep -qs listening "$folder/upstream.log" && grep -qs listening "$folder/log"; do kill -0 $proxy; kill -0 $upstream; done
        for name in plain bound marked bound-tcp marked-tcp; do
            echo "$name $(dig +tries=1 +time=5 @127.0.0.1 -p 5300 "$name.example" | grep -oE 'status: [A-Z]+|192\.0\.2\.5' | tr '\n' ' ')"
        done
        """;

    private readonly ServerTrust _trust = new();

    public void Dispose() => _trust.Dispose();

    [Theory]
    [InlineData("socks5", "tcp", "tcp://198.51.100.7:53", "198.51.100.7:53")]
    [InlineData("socks5", "tls", "tls://dns.test:853", "dns.test:853")]
    [InlineData("socks5", "tls", "tls://[2001:db8::7]:853#dns.test", "[2001:db8::7]:853")]
    [InlineData("socks5", "https", "https://dns.test/dns-query", "dns.test:443")]
    [InlineData("http", "tcp", "tcp://198.51.100.7:53", "198.51.100.7:53")]
    [InlineData("http", "tls", "tls://dns.test:853", "dns.test:853")]
    [InlineData("http", "tls", "tls://[2001:db8::7]:853#dns.test", "[2001:db8::7]:853")]
    [InlineData("http", "https", "https://dns.test/dns-query", "dns.test:443")]
    public async Task Proxy_IsAskedForTheServerByItsName_AndAnswersComeThroughIt(string kind, string scheme, string address, string target)
    {
        await using var server = await ScriptedServer.StartAsync(scheme, _trust.Certificate);
        await using var tunnel = new FakeProxy(server.Endpoint);
        await using var proxy = await StartAsync(address, $", \"Proxy\": \"{kind}://{tunnel.Endpoint}\"", scheme);
        Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query("www.example"))));
        Assert.NotEmpty(server.Queries);
        Assert.Equal(target, Assert.Single(tunnel.Targets.Distinct()));
    }

    [Theory]
    [InlineData("socks5", "SOCKS5 reply 2")]
    [InlineData("http", "HTTP/1.1 403 Forbidden")]
    public async Task Proxy_Declines_IsSaid(string kind, string reason)
    {
        await using var tunnel = new FakeProxy(destination: null);
        await using var proxy = await StartAsync("tls://dns.test:853", $", \"Proxy\": \"{kind}://{tunnel.Endpoint}\"", "tls");
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await proxy.AskAsync(Wire.Query("www.example"))).ResponseCode);
        Assert.Contains($"the proxy does not connect ({reason})", proxy.Stats.Upstreams[0].Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    [InlineData("tls")]
    [InlineData("https")]
    public async Task SourceAddress_IsWhereAllQuestionsLeaveFrom(string scheme)
    {
        await using var server = await ScriptedServer.StartAsync(scheme, _trust.Certificate);
        await using var proxy = await StartAsync(server.Address, ", \"SourceAddress\": \"127.9.8.7\"", scheme);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Good, Wire.FirstAddress(await proxy.AskAsync(Wire.Query($"n{i}.example"))));
        }

        Assert.All(server.Queries, query => Assert.Equal(IPAddress.Parse("127.9.8.7"), query.From.Address));
    }

    [Fact]
    public async Task SourceAddress_ThatIsNotOurs_Fails()
    {
        await using var server = await ScriptedServer.StartAsync("udp", _trust.Certificate);
        await using var proxy = await StartAsync(server.Address, ", \"SourceAddress\": \"198.51.100.9\"", "udp");
        Assert.Equal(ResponseCode.ServFail, Wire.Header(await proxy.AskAsync(Wire.Query("www.example"))).ResponseCode);
        Assert.Empty(server.Queries);
    }

    [ToolFact("unshare", "nsenter", "ip", "dig", "bash")]
    public async Task InterfaceAndMark_ChooseTheWay()
    {
        await File.WriteAllTextAsync(Path.Combine(_trust.Folder, "upstream.json"), """
            { "DnsFlow": {
                "Listeners": { "local": { "Endpoints": ["198.51.100.53:53"], "Allow": ["0.0.0.0/0"] } }, "Stats": { "Endpoints": [] },
                "QueryRules": [{ "Name": "all", "Action": "answer", "Records": ["A 192.0.2.5"] }] } }
            """);
        await File.WriteAllTextAsync(Path.Combine(_trust.Folder, "dnsflow.json"), $$"""
            { "DnsFlow": {
                "Listeners": { "local": { "Endpoints": ["127.0.0.1:5300"] } }, "Stats": { "Endpoints": [] },
                "Upstreams": {
                    "plain": { "Servers": ["198.51.100.53"], "AttemptTimeout": "500ms", "Budget": "1s" },
                    "bound": { "Servers": ["198.51.100.53"], "Interface": "up0" },
                    "marked": { "Servers": ["198.51.100.53"], "Mark": 7 },
                    "bound-tcp": { "Servers": ["tcp://198.51.100.53"], "Interface": "up0" },
                    "marked-tcp": { "Servers": ["tcp://198.51.100.53"], "Mark": 7 } },
                "QueryRules": [
                    { "Name": "bound", "When": { "Domains": ["bound.example"] }, "Action": "forward", "To": "bound" },
                    { "Name": "marked", "When": { "Domains": ["marked.example"] }, "Action": "forward", "To": "marked" },
                    { "Name": "bound-tcp", "When": { "Domains": ["bound-tcp.example"] }, "Action": "forward", "To": "bound-tcp" },
                    { "Name": "marked-tcp", "When": { "Domains": ["marked-tcp.example"] }, "Action": "forward", "To": "marked-tcp" },
                    { "Name": "rest", "Action": "forward", "To": "plain" }] } }
            """);
        var (code, output) = await ToolProcess.RunAsync(
            "env", $"folder={_trust.Folder}", $"program={Environment.ProcessPath} {RunningProgram.Program}", "unshare", "--map-root-user", "--net", "bash", "-c", Script);
        Assert.True(code == 0, output);
        Assert.Equal(
            ["plain status: SERVFAIL", "bound status: NOERROR 192.0.2.5", "marked status: NOERROR 192.0.2.5", "bound-tcp status: NOERROR 192.0.2.5", "marked-tcp status: NOERROR 192.0.2.5"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private Task<ProxyHarness> StartAsync(string server, string settings, string scheme)
    {
        var trust = scheme is "tls" or "https" ? $", \"CaFile\": \"{_trust.CaFile}\"" : "";
        return ProxyHarness.StartAsync($$"""  "Upstreams": { "default": { "Servers": ["{{server}}"]{{trust}}, "Budget": "3s"{{settings}} } }  """);
    }
}
