using System.Text;
using DnsFlow.Flows;
using DnsFlow.Names;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Server;
using DnsFlow.Settings;
using DnsFlow.Tests.Settings;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.Tests.Server;

public sealed class ProxyOptionsTests
{
    private const string Whole = """
        {
          "Listeners": {
            "local": { "Endpoints": ["127.0.0.1:53", "[::1]:53"] },
            "lan":   { "Endpoints": ["192.168.1.2:53", "udp://192.168.1.3", "tcp://192.168.1.3"], "Allow": ["192.168.0.0/16", "fd00::/8"], "Required": false }
          },
          "Shards": 2,
          "Upstreams": {
            "default": { "Servers": ["9.9.9.9", "tcp://149.112.112.112:53"], "Strategy": "roundrobin", "Budget": "3s", "AttemptTimeout": "1200ms", "Attempts": 3,
                         "Health": { "FailAfter": 3, "ProbeEvery": "2s" } },
            "corp":   { "Servers": ["10.20.0.53", "10.20.0.54"], "Strategy": "ordered" },
            "system": { "Servers": ["system:"] },
          },
          "FlowRules": [
            { "Name": "strangers", "When": { "Listener": "lan", "NotFrom": ["192.168.0.0/16", "fd00::/8"] }, "Verdict": "discard" },
            { "Name": "all", "Verdict": "claim" }
          ],
          "QueryRules": [
            { "Name": "company", "When": { "Domains": ["corp.example", "20.10.in-addr.arpa"] }, "Action": "forward", "To": "corp" },
            { "Name": "portal", "When": { "Domains": ["=captive.example"] }, "Action": "forward", "To": "system", "Cache": false },
            { "Name": "printer", "When": { "Domains": ["=printer.home.arpa"], "Types": "A" }, "Action": "answer", "Records": ["A 192.168.1.9"], "Ttl": "5m" },
            { "Name": "ads", "When": { "Domains": ["ads.example"], "NotClients": ["192.168.1.7"] }, "Action": "block" }, // comments are fine
            { "Name": "rest", "Action": "forward", "To": "default" }
          ],
          "Zones":    { "home": { "Origin": "home.arpa", "File": "zones/home.arpa.zone" }, "hosts": { "HostsFile": "/etc/hosts" } },
          "Blocking": { "Style": "zero", "Ttl": "60s", "ExtendedErrors": true },
          "Cache":    { "MaxBytes": "32MB", "MaxEntries": 0, "MinTtl": "0s", "MaxTtl": "1d", "NegativeMaxTtl": "10m" },
          "Limits":   { "Memory": "128MB", "Flows": 20000, "UdpIdle": "11s", "TcpIdle": "30s", "PerFlow": { "InFlight": 32, "QueuedBytes": "256KB" },
                        "PerClient": { "Rate": "300/s", "Burst": 600, "Flows": 512, "IPv4Prefix": 32, "IPv6Prefix": 64 }, "InFlight": 4096 },
          "Stats":    { "Endpoints": ["http://127.0.0.1:9953", "http://[::1]:9953"], "Prometheus": false }
        }
        """;

    [Fact]
    public void TryRead_Whole_ReadsEverything()
    {
        var options = Read(Whole, out var errors);
        Assert.Empty(errors);
        Assert.Equal(["lan", "local"], options.Listeners.Keys);
        Assert.False(options.Listeners["LAN"].Required);
        Assert.Equal(2, options.Listeners["lan"].Allow.Count);
        Assert.Equal(2, options.Shards);
        Assert.Equal(("roundRobin", 3, TimeSpan.FromSeconds(1.2)), (options.Upstreams["default"].Strategy, options.Upstreams["default"].FailAfter, options.Upstreams["default"].AttemptTimeout));
        Assert.Equal(FlowVerdict.Discard, options.FlowRules[0].Verdict);
        Assert.Equal(["company", "portal", "printer", "ads", "rest"], options.QueryRules.Select(static rule => rule.Name!));
        Assert.Equal([RecordType.A], options.QueryRules[2].When.Types);
        Assert.Equal(NameScope.Exact, options.QueryRules[1].When.Domains[0].Name!.Scope);
        Assert.Equal(["home.arpa", null], options.Zones.Values.Select(static zone => zone.Origin));
        Assert.Equal(BlockingStyle.Zero, options.Blocking.Style);
        Assert.Equal(32 << 20, options.Cache.MaxBytes);
        Assert.Equal((128L << 20, 32, 300.0, 64), (options.Limits.Memory, options.Limits.PerFlow.InFlight, options.Limits.PerClient.Rate, options.Limits.PerClient.IPv6Prefix));
        Assert.Equal(2, options.Stats.Endpoints.Count);
        Assert.False(options.Stats.Prometheus);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "Upstreams": {}, "Listeners": {}, "QueryRules": [], "FlowRules": [] }""")]
    public void TryRead_Nothing_HasTheDefaults(string json)
    {
        var options = Read(json, out var errors);
        Assert.Empty(errors);
        Assert.Empty(options.Listeners["local"].Endpoints);
        Assert.True(options.Listeners["local"].Required);
        Assert.Equal(NetworkSet.LoopbackAndPrivate, options.Listeners["local"].Allow);
        Assert.Equal(["system:"], options.Upstreams["default"].Servers);
        Assert.Equal(["http://127.0.0.1:9953"], options.Stats.Endpoints);
    }

    [Fact]
    public void TryRead_Minimum_ForwardsToDefault()
    {
        var options = Read("""{ "Upstreams": { "default": { "Servers": ["9.9.9.9"] } } }""", out var errors);
        Assert.Empty(errors);
        Assert.Equal(["local"], options.Listeners.Keys);
    }

    [Fact]
    public void TryRead_EmptyStatsEndpoints_MeansNowhere() => Assert.Empty(Read("""{ "Stats": { "Endpoints": [] } }""", out _).Stats.Endpoints);

    [Theory]
    [InlineData("""{ "Cach": {} }""", "DnsFlow:Cach", "unknown key; did you mean 'Cache'?")]
    [InlineData("""{ "Shards": 300 }""", "DnsFlow:Shards", "'300' is above 256; allowed: 0 to 256")]
    [InlineData("""{ "Listeners": { "a": { "Endpoints": ["127.0.0.1:99999"] } } }""", "DnsFlow:Listeners:a:Endpoints:0", "'127.0.0.1:99999' is not an address to listen on: the port is a number from 0 to 65535, behind an address like 127.0.0.1 or [::1]; allowed: 127.0.0.1:53, [::1]:53, localhost:53, udp://192.168.1.2, tcp://192.168.1.2:53, tls://192.168.1.2, https://192.168.1.2/dns-query")]
    [InlineData("""{ "Listeners": { "a": { "Endpoints": ["quic://127.0.0.1"] } } }""", "DnsFlow:Listeners:a:Endpoints:0", "'quic://127.0.0.1' is not an address to listen on: quic:// is not served by this version, only asked of upstreams; listen with tls:// or https://; allowed: 127.0.0.1:53, [::1]:53, localhost:53, udp://192.168.1.2, tcp://192.168.1.2:53, tls://192.168.1.2, https://192.168.1.2/dns-query")]
    [InlineData("""{ "Listeners": { "a": { "Protocols": ["h3"] } } }""", "DnsFlow:Listeners:a:Protocols", "not supported by this version")]
    [InlineData("""{ "Listeners": { "a": { "Certificate": "x" } } }""", "DnsFlow:Listeners:a:Certificate", "is for tls:// and https://, and this listener has neither")]
    [InlineData("""{ "Listeners": { "a": { "Endpoints": ["tls://127.0.0.1"] } } }""", "DnsFlow:Listeners:a:Certificate", "a certificate is missing for tls://127.0.0.1; give Certificate and Key, or SelfSigned")]
    [InlineData("""{ "Listeners": { "a": { "Endpoints": ["tls://127.0.0.1"], "Key": "x", "SelfSigned": true } } }""", "DnsFlow:Listeners:a:Key", "is the key of a Certificate, and there is none")]
    [InlineData("""{ "Listeners": { "a": { "Endpoints": ["https://127.0.0.1/a b"] } } }""", "DnsFlow:Listeners:a:Endpoints:0", "'https://127.0.0.1/a b' is not an address to listen on: the path is letters, digits and - . _ ~ / behind the port; allowed: 127.0.0.1:53, [::1]:53, localhost:53, udp://192.168.1.2, tcp://192.168.1.2:53, tls://192.168.1.2, https://192.168.1.2/dns-query")]
    [InlineData("""{ "Listeners": { "a": { "Allow": ["lan"] } } }""", "DnsFlow:Listeners:a:Allow:0", "'lan' is not a network; allowed: 192.168.0.0/16, fd00::/8 or one address")]
    [InlineData("""{ "Listeners": { "a": { "Endpoints": "127.0.0.1:53" }, "b": { "Endpoints": ["udp://127.0.0.1"] } } }""", "DnsFlow:Listeners:b:Endpoints:0", "the listener 'a' has this address already")]
    [InlineData("""{ "Listeners": { "a": {}, "b": {} } }""", "DnsFlow:Listeners:b:Endpoints", "is missing; only one listener can have the default ones, 'a' has")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": [] } } }""", "DnsFlow:Upstreams:default:Servers", "a server is missing; allowed: 9.9.9.9, udp://[2620:fe::fe]:53, tcp://9.9.9.9, system:")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": ["dns.quad9.net"] } } }""", "DnsFlow:Upstreams:default:Servers:0", "'dns.quad9.net' is not an upstream server: this is not an address; an upstream is given by its address, not by a name; allowed: 9.9.9.9, 9.9.9.9:5353, udp://[2620:fe::fe]:53, tcp://9.9.9.9, tls://9.9.9.9#dns.quad9.net, https://dns.quad9.net/dns-query, quic://dns.quad9.net, h3://dns.quad9.net/dns-query or system:")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": ["9.9.9.9", "9.9.9.9"] } } }""", "DnsFlow:Upstreams:default:Servers:1", "'9.9.9.9' is in the list already")]
    [InlineData("""{ "Upstreams": { "quad9": { "Servers": ["9.9.9.9"] } } }""", "DnsFlow:Upstreams:quad9", "no query rule forwards to 'quad9'; call it 'default', or add QueryRules")]
    [InlineData("""{ "Upstreams": { "default": { "Servers": "9.9.9.9", "Budget": "1s" } } }""", "DnsFlow:Upstreams:default:AttemptTimeout", "is above Budget, the time for all attempts")]
    [InlineData("""{ "Listeners": { "a": { "Endpoints": "127.0.0.1:5353" } }, "Upstreams": { "default": { "Servers": ["9.9.9.9", "127.0.0.1:5353"] } } }""", "DnsFlow:Upstreams:default:Servers:1", "'127.0.0.1:5353' is this proxy's own listener 'a': queries would go round in a circle")]
    [InlineData("""{ "Listeners": { "a": { "Endpoints": "[::]" } }, "Upstreams": { "default": { "Servers": "127.0.0.53" } } }""", "DnsFlow:Upstreams:default:Servers:0", "'127.0.0.53' is this proxy's own listener 'a': queries would go round in a circle")]
    [InlineData("""{ "Zones": { "home": { "Origin": "home.arpa" } } }""", "DnsFlow:Zones:home", "has either File or HostsFile or Primaries")]
    [InlineData("""{ "Zones": { "corp": { "Primaries": ["192.0.2.1"] } } }""", "DnsFlow:Zones:corp:Origin", "is missing; it says which zone the primaries are asked for")]
    [InlineData("""{ "Zones": { "corp": { "Origin": "a", "Primaries": ["192.0.2.1"], "HostsFile": "h" } } }""", "DnsFlow:Zones:corp:HostsFile", "does not go with Primaries")]
    [InlineData("""{ "Zones": { "corp": { "Origin": "a", "Primaries": ["192.0.2.1"], "Reverse": true } } }""", "DnsFlow:Zones:corp:Reverse", "is for zone files and hosts files; a zone of a primary is served as it is")]
    [InlineData("""{ "Zones": { "corp": { "File": "a", "TsigKeyFile": "k" } } }""", "DnsFlow:Zones:corp:TsigKeyFile", "is for zones with Primaries")]
    [InlineData("""{ "Zones": { "corp": { "Origin": "a", "Primaries": ["udp://192.0.2.1"] } } }""", "DnsFlow:Zones:corp:Primaries:0", "'udp://192.0.2.1' is not the address of a primary: a scheme is not needed: zones are transferred by TCP; allowed: 192.0.2.1, 192.0.2.1:53, [2001:db8::1]:53")]
    [InlineData("""{ "Zones": { "home": { "Origin": "home..arpa", "File": "x" } } }""", "DnsFlow:Zones:home:Origin", "'home..arpa' is not a name: a name has an empty label; allowed: home.arpa")]
    [InlineData("""{ "Zones": { "hosts": { "Origin": "x", "HostsFile": "/etc/hosts" } } }""", "DnsFlow:Zones:hosts:Origin", "is for zone files; a hosts file has none")]
    [InlineData("""{ "Cache": { "MinTtl": "1h", "MaxTtl": "1m" } }""", "DnsFlow:Cache:MinTtl", "is above MaxTtl")]
    [InlineData("""{ "Limits": { "WhenFull": "refuse" } }""", "DnsFlow:Limits:WhenFull", "not supported by this version")]
    [InlineData("""{ "Cache": { "Stale": { "Ttl": "2h" } } }""", "DnsFlow:Cache:Stale:Ttl", "'2h' is above 1h; allowed: 250ms, 2s, 5m, 1h, 1d or 00:00:02, from 1s to 1h")]
    [InlineData("""{ "Cache": { "PrefetchShare": "60%" } }""", "DnsFlow:Cache:PrefetchShare", "'60%' is not between 0% and 50%; allowed: 0% to 50%")]
    [InlineData("""{ "Lists": { "ads": { "Sources": "http://lists.example/ads.txt" } } }""", "DnsFlow:Lists:ads:Sources", "'http://lists.example/ads.txt' is not a source of a list: lists are fetched by https only: what is fetched in the clear can be changed on its way; allowed: a file, or https://lists.example/ads.txt")]
    [InlineData("""{ "Stats": { "Endpoints": ["http://0.0.0.0:9953"] } }""", "DnsFlow:Stats:Endpoints:0", "'http://0.0.0.0:9953' is not a loopback address: others could read there; that needs Stats:TokenFile")]
    [InlineData("""{ "Blocking": { "Style": "nxdomian" } }""", "DnsFlow:Blocking:Style", "'nxdomian' is not a blocking style; did you mean 'nxdomain'?")]
    [InlineData("""{ "FlowRules": { "all": { "Verdict": "claim" } } }""", "DnsFlow:FlowRules", "a list is expected, not an object: its order matters")]
    [InlineData("""{ "FlowRules": [{ "Verdict": "clam" }] }""", "DnsFlow:FlowRules:0:Verdict", "'clam' is not a verdict; did you mean 'claim'?")]
    [InlineData("""{ "FlowRules": [{ "When": { "Listener": "lokal" }, "Verdict": "pass" }, { "Verdict": "claim" }] }""", "DnsFlow:FlowRules:0:When:Listener", "'lokal' is not a listener; did you mean 'local'?")]
    [InlineData("""{ "FlowRules": [{ "When": { "Transport": "tcp" }, "Verdict": "pass" }] }""", "DnsFlow:FlowRules:0", "the last rule must match everything and decide, as in { \"Name\": \"all\", \"Verdict\": \"claim\" }")]
    [InlineData("""{ "FlowRules": [{ "When": { "Schedules": ["night"] }, "Verdict": "claim" }] }""", "DnsFlow:FlowRules:0:When:Schedules", "'night' is not a schedule")]
    public void TryRead_OneMistake_IsReportedAtItsPath(string json, string path, string message)
    {
        Read(json, out var errors);
        Assert.Contains(new SettingsError(null, path, message), errors);
    }

    [Theory]
    [InlineData("""{ "Action": "forward", "To": "crop" }""", "To", "'crop' is not an upstream group; did you mean 'corp'?")]
    [InlineData("""{ "Action": "forward" }""", "To", "an upstream group is missing; allowed: corp, default")]
    [InlineData("""{ "Action": "forwrad", "To": "corp" }""", "Action", "'forwrad' is not an action; did you mean 'forward'?")]
    [InlineData("""{ "To": "corp" }""", "Action", "an action is missing; allowed: forward, answer, block, refuse, nodata, nxdomain, truncate, drop, tag, bypass-cache, client-subnet, rate-limit, delay, mirror, rewrite")]
    [InlineData("""{ "Action": "forward", "To": "corp", "Cahce": false }""", "Cahce", "unknown key; did you mean 'Cache'?")]
    [InlineData("""{ "Action": "forward", "To": "corp", "Cache": "no" }""", "Cache", "'no' is not true or false; allowed: true, false")]
    [InlineData("""{ "Action": "refuse", "To": "corp" }""", "To", "unknown key; allowed: Name, When, Overrides, Action")]
    [InlineData("""{ "Action": "refuse", "When": { "Domians": "x" } }""", "When:Domians", "unknown key; did you mean 'Domains'?")]
    [InlineData("""{ "Action": "refuse", "When": { "Domains": ["a.example", "a..b"] } }""", "When:Domains:1", "'a..b' is not a domain: a name has an empty label; allowed: corp.example, =host.example, *.lab.example, /regular expression/ or .")]
    [InlineData("""{ "Action": "refuse", "When": { "Types": ["AAA"] } }""", "When:Types:0", "'AAA' is not a record type: did you mean 'AAAA'?; allowed: A, AAAA, HTTPS ... or TYPE65")]
    [InlineData("""{ "Action": "refuse", "When": { "Clients": ["children"] } }""", "When:Clients", "'children' is not a set of clients")]
    [InlineData("""{ "Action": "refuse", "When": { "Listener": ["local", "lann"] } }""", "When:Listener:1", "'lann' is not a listener; did you mean 'lan'?")]
    [InlineData("""{ "Action": "refuse", "When": { "Transport": "dot" } }""", "When:Transport", "'dot' is not a transport; allowed: udp, tcp, tls, https")]
    [InlineData("""{ "Action": "truncate", "When": { "Transport": "tcp" } }""", "When:Transport", "the action 'truncate' is for udp only")]
    [InlineData("""{ "Name": "Rest", "Action": "refuse", "When": { "Types": "A" } }""", "Name", null)]
    [InlineData("""{ "Name": "no names", "Action": "refuse", "When": { "Types": "A" } }""", "Name", "'no names' is not a name; allowed: letters, digits, '-', '_' and '.'")]
    [InlineData("""{ "Action": "answer" }""", "Records", "records are missing; allowed: A 192.168.1.9, TXT \"a text\", ...")]
    [InlineData("""{ "Action": "answer", "Records": ["A 192.168.1.9", "A 192.168.1"] }""", "Records:1", null)]
    [InlineData("""{ "Action": "answer", "Records": ["192.168.1.9"] }""", "Records:0", "'192.168.1.9': '192.168.1.9' is not a record type; allowed: A 192.168.1.9, TXT \"a text\", ...")]
    [InlineData("""{ "Action": "answer", "Records": ["ANY x"] }""", "Records:0", "'ANY x': ANY is not a type of data")]
    [InlineData("""{ "Action": "answer", "Records": ["A 192.0.2.1", "CNAME x.example"] }""", "Records:1", "'CNAME x.example': a CNAME stands alone (RFC 1034 section 3.6.2)")]
    [InlineData("""{ "Action": "answer", "Records": ["A 192.0.2.1"], "Ttl": "1y" }""", "Ttl", "'1y' is not a duration; allowed: 250ms, 2s, 5m, 1h, 1d or 00:00:02, from 0 to 7d")]
    [InlineData("""{ "Action": "block", "Reason": "because" }""", "Reason", "'because' is not a reason; allowed: filtered, blocked, censored")]
    public void TryRead_OneMistakeInAQueryRule_IsReportedAtItsPath(string rule, string key, string? message)
    {
        Read(
            $$"""
            {
              "Listeners": { "local": {}, "lan": { "Endpoints": "192.168.1.2" } },
              "Upstreams": { "corp": { "Servers": "10.20.0.53" } },
              "QueryRules": [{ "Name": "rest", "When": { "Types": "HINFO" }, "Action": "drop" }, {{rule}}, { "Name": "last", "Action": "forward", "To": "default" }]
            }
            """,
            out var errors);
        var error = errors.First(error => !error.Message.StartsWith("is never reached", StringComparison.Ordinal));
        Assert.Equal($"DnsFlow:QueryRules:1:{key}", error.Path);
        Assert.Equal(message ?? error.Message, error.Message);
    }

    [Fact]
    public void TryRead_RuleBehindACatchAll_IsNeverReached()
    {
        Read(
            """{ "QueryRules": [{ "Name": "every", "When": { "Domains": ["x.example", "."] }, "Action": "refuse" }, { "When": { "Types": "A" }, "Action": "drop" }, { "Action": "drop" }] }""",
            out var errors);
        Assert.Equal<SettingsError>(
            (SettingsError[])[
                new SettingsError(null, "DnsFlow:QueryRules:1", "is never reached: rule 'every' before it matches everything"),
                new SettingsError(null, "DnsFlow:QueryRules:2", "is never reached: rule 'every' before it matches everything"),
            ],
            errors);
    }

    [Fact]
    public void TryRead_LastRuleHasConditions_IsAnError()
    {
        Read("""{ "QueryRules": [{ "Action": "truncate" }] }""", out var errors);
        Assert.Equal(
            """DnsFlow:QueryRules:0  the last rule must match everything and decide, as in { "Name": "rest", "Action": "forward", "To": "default" }""",
            Assert.Single(errors).ToString());
    }

    [Fact]
    public void TryRead_MistakesEverywhere_AreAllReported()
    {
        Read(
            """
            {
              "Cache": { "MaxBytes": "lots" }, "Limits": { "Flows": 0 }, "Nonsense": 1,
              "QueryRules": [ { "Action": "forward", "To": "x1" }, { "When": { "Types": ["Q"] }, "Action": "burn" } ]
            }
            """,
            out var errors);
        Assert.Equal(
            ["DnsFlow:Cache:MaxBytes", "DnsFlow:Limits:Flows", "DnsFlow:Nonsense", "DnsFlow:QueryRules:0:To", "DnsFlow:QueryRules:1", "DnsFlow:QueryRules:1:Action", "DnsFlow:QueryRules:1:When:Types:0"],
            errors.Select(static error => error.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TryRead_RulesInALaterLayer_ReplaceThem()
    {
        var root = SettingsText.Layers(
            """{ "DnsFlow": { "QueryRules": [{ "Name": "a", "When": { "Types": "A" }, "Action": "drop" }, { "Name": "b", "Action": "refuse" }] } }""",
            """{ "DnsFlow": { "QueryRules": [{ "Name": "c", "Action": "refuse" }] } }""");
        var errors = new SettingsErrors();
        Assert.True(ProxyOptions.TryRead(root.GetSection("DnsFlow"), out var options, errors, root));
        Assert.Equal(["c"], options.QueryRules.Select(static rule => rule.Name!));
    }

    [Fact]
    public void TryRead_RootOfAnotherConfiguration_IsNotUsed()
    {
        var root = SettingsText.Layers("""{ "DnsFlow": { "Shards": 3 } }""");
        var other = SettingsText.Layers("""{ "DnsFlow": { "Shards": 4 } }""");
        Assert.True(ProxyOptions.TryRead(root.GetSection("DnsFlow"), out var options, new SettingsErrors(), other));
        Assert.Equal(3, options.Shards);
    }

    [Fact]
    public void TryRead_WrongToInAFile_NamesTheFile()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(
                Path.Combine(folder.FullName, "appsettings.json"),
                """{ "DnsFlow": { "Upstreams": { "corp": { "Servers": "10.20.0.53" } }, "QueryRules": [{ "Action": "forward", "To": "crop" }] } }""", Encoding.UTF8);
            var errors = new SettingsErrors();
            ProxyOptions.TryRead(new ConfigurationBuilder().SetBasePath(folder.FullName).AddJsonFile("appsettings.json").Build(), out _, errors);
            Assert.Equal("appsettings.json:1: DnsFlow:QueryRules:0:To  'crop' is not an upstream group; did you mean 'corp'?", Assert.Single(errors).ToString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Check_OptionsMadeInCode_AreJudgedAlike()
    {
        var options = new ProxyOptions
        {
            QueryRules =
            [
                new QueryRuleOptions { Name = "ads", When = { Domains = [DomainPattern.Parse("ads.example")] }, Action = "block" },
                QueryRuleOptions.ForwardAll("defualt"),
            ],
        };
        var errors = new SettingsErrors();
        Assert.False(options.Check(errors));
        Assert.Equal("DnsFlow:QueryRules:1:To  'defualt' is not an upstream group; did you mean 'default'?", Assert.Single(errors).ToString());
    }

    private static ProxyOptions Read(string json, out SettingsErrors errors)
    {
        errors = new SettingsErrors();
        var read = ProxyOptions.TryRead(SettingsText.Layers($$"""{ "DnsFlow": {{json}} }"""), out var options, errors);
        Assert.Equal(read, errors.IsEmpty);
        return options;
    }

    [Fact]
    public void Check_WrongZoneAndWrongRule_BothAreTold()
    {
        var folder = Directory.CreateTempSubdirectory("dnsflow-check").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "zones"));
        File.WriteAllText(Path.Combine(folder, "zones", "broken.zone"), "$ORIGIN broken.test.\n@ 300 IN A 192.0.2.1\n@ 300 IN NONSENSE x\n");
        var root = Settings.SettingsText.Layers("""{ "DnsFlow": { "Shards": "many" } }""");
        var errors = DnsFlow.Server.ProxyConfiguration.Check(root, folder);
        Directory.Delete(folder, recursive: true);
        Assert.Contains(errors, static error => error.Contains("DnsFlow:Shards", StringComparison.Ordinal));
        Assert.Contains(errors, static error => error.Contains("broken.zone:3", StringComparison.Ordinal));
    }
}
