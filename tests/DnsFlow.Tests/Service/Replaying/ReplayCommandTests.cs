using System.Globalization;
using System.Text.Json;
using DnsFlow.Service.Commands;
using DnsFlow.Tests.Service.Captures;

namespace DnsFlow.Tests.Service.Replaying;

public sealed class ReplayCommandTests : IDisposable
{
    private const string Before = """
        { "DnsFlow": {
          "Upstreams": { "default": { "Servers": ["192.0.2.1"] }, "corp": { "Servers": ["192.0.2.2"] } },
          "QueryRules": [
            { "Name": "company", "When": { "Domains": ["corp.example"] }, "Action": "forward", "To": "corp" },
            { "Name": "rest", "Action": "forward", "To": "default" } ] } }
        """;

    private const string After = """
        { "DnsFlow": {
          "Upstreams": { "default": { "Servers": ["192.0.2.9"] }, "corp": { "Servers": ["192.0.2.2"] } },
          "QueryRules": [
            { "Name": "company", "When": { "Domains": ["corp.example"] }, "Action": "forward", "To": "corp" },
            { "Name": "ads", "When": { "Domains": ["ads.example"] }, "Action": "block" },
            { "Name": "others", "Action": "forward", "To": "default" } ] } }
        """;

    private readonly ServiceRun _run = new();

    public ReplayCommandTests()
    {
        _run.With("appsettings.json", Before).With("new.json", After).With("old.json", Before);
        File.WriteAllBytes(Path.Combine(_run.Folder, "day.pcap"), Packets.Pcap(101, Names("www.example", "ads.example", "x.ads.example", "db.corp.example")));
    }

    [Fact]
    public async Task Replay_RuleIsNew_ShowsWhatItWouldChange()
    {
        Assert.Equal(ExitCode.Negative, await _run.RunAsync("replay", "day.pcap", "-c", "new.json"));
        Assert.Equal(
            """
            4 queries, 2 unchanged, 2 differ
                    2  forward default (rule 'rest') -> block NXDOMAIN (rule 'ads'), as for ads.example. A from 192.0.2.7

            """,
            _run.Out);
    }

    [Fact]
    public async Task Replay_SameEffectByAnotherRule_IsNoDifference()
    {
        _run.With("same.json", After.Replace("\"ads.example\"", "\"nobody.example\"", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Good, await _run.RunAsync("replay", "day.pcap", "-c", "same.json", "--against", "old.json"));
        Assert.Equal("4 queries, 4 unchanged, 0 differ\n", _run.Out);
    }

    [Fact]
    public async Task Replay_Json_HasTheSame()
    {
        Assert.Equal(ExitCode.Negative, await _run.RunAsync("replay", "day.pcap", "-c", "new.json", "--json"));
        var result = JsonDocument.Parse(_run.Out).RootElement;
        Assert.Equal(2, result.GetProperty("differ").GetInt64());
        var group = result.GetProperty("groups")[0];
        Assert.Equal("ads", group.GetProperty("to").GetProperty("rule").GetString());
        Assert.Equal("ads.example.", group.GetProperty("example").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Replay_FlowRules_DecideFirst()
    {
        _run.With("strict.json", Before.Replace(
            "\"QueryRules\"", "\"FlowRules\": [ { \"Name\": \"strangers\", \"When\": { \"From\": [\"192.0.2.0/24\"] }, \"Verdict\": \"discard\" }, { \"Verdict\": \"claim\" } ], \"QueryRules\"",
            StringComparison.Ordinal));
        Assert.Equal(ExitCode.Negative, await _run.RunAsync("replay", "day.pcap", "-c", "strict.json"));
        Assert.Contains("3  forward default (rule 'rest') -> discard (flow rule 'strangers')", _run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_Schedule_GoesByTheTimeOfTheCapture()
    {
        // The packets are of Tuesday, 2023-11-14, 22:13 UTC.
        _run.With("night.json", After.Replace(
            "\"When\": { \"Domains\": [\"ads.example\"] }", "\"When\": { \"Domains\": [\"ads.example\"], \"Schedules\": [\"night\"] }", StringComparison.Ordinal)
            .Replace("\"Upstreams\"", "\"Schedules\": { \"night\": { \"Days\": \"tue\", \"From\": \"22:00\", \"To\": \"23:00\", \"TimeZone\": \"UTC\" } }, \"Upstreams\"", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Negative, await _run.RunAsync("replay", "day.pcap", "-c", "night.json"));
        Assert.StartsWith("4 queries, 2 unchanged, 2 differ", _run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_Listener_IsTheOneThatIsNamed()
    {
        const string Listeners = "\"Listeners\": { \"lan\": { \"Endpoints\": [\"127.0.0.1:1\"] }, \"wifi\": { \"Endpoints\": [\"127.0.0.1:2\"] } }, \"Upstreams\"";
        _run.With("old.json", Before.Replace("\"Upstreams\"", Listeners, StringComparison.Ordinal))
            .With("wifi.json", After.Replace("\"Upstreams\"", Listeners, StringComparison.Ordinal).Replace(
                "[\"ads.example\"]", "[\"ads.example\"], \"Listener\": \"wifi\"", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Good, await _run.RunAsync("replay", "day.pcap", "-c", "wifi.json", "--against", "old.json"));
        Assert.Equal(ExitCode.Negative, await _run.RunAsync("replay", "day.pcap", "-c", "wifi.json", "--against", "old.json", "--listener", "WIFI"));
        Assert.Equal(ExitCode.Usage, await _run.RunAsync("replay", "day.pcap", "-c", "wifi.json", "--against", "old.json", "--listener", "wlan"));
        Assert.Contains("'wlan' is not a listener of both configurations; allowed: lan, wifi", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_WrongConfiguration_SaysWhatIsWrong()
    {
        _run.With("wrong.json", After.Replace("\"To\": \"corp\"", "\"To\": \"crop\"", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Configuration, await _run.RunAsync("replay", "day.pcap", "-c", "wrong.json"));
        Assert.Contains("'crop' is not an upstream group; did you mean 'corp'?", _run.Error, StringComparison.Ordinal);
        Assert.Empty(_run.Out);
    }

    [Fact]
    public async Task Replay_NoCapture_SaysSo()
    {
        Assert.Equal(ExitCode.Usage, await _run.RunAsync("replay", "new.json", "nothing.pcap", "-c", "new.json"));
        Assert.Contains("new.json: line 1: ", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_CutCapture_ReportsWhatCameBefore()
    {
        var whole = File.ReadAllBytes(Path.Combine(_run.Folder, "day.pcap"));
        File.WriteAllBytes(Path.Combine(_run.Folder, "cut.pcap"), whole[..^1]);
        Assert.Equal(ExitCode.Negative, await _run.RunAsync("replay", "cut.pcap", "-c", "new.json"));
        Assert.StartsWith("3 queries, 1 unchanged, 2 differ", _run.Out, StringComparison.Ordinal);
        Assert.Contains("the file ends in a packet", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_ManyKindsOfDifferences_StaysWithinItsBound()
    {
        var rules = string.Join(",", Enumerable.Range(0, 1_200).Select(number => string.Create(
            CultureInfo.InvariantCulture, $$"""{ "Name": "r{{number}}", "When": { "Domains": ["n{{number}}.example"] }, "Action": "refuse" }""")));
        _run.With("many.json", Before.Replace("\"QueryRules\": [", "\"QueryRules\": [" + rules + ",", StringComparison.Ordinal));
        File.WriteAllBytes(
            Path.Combine(_run.Folder, "many.pcap"), Packets.Pcap(101, Names([.. Enumerable.Range(0, 1_200).Select(number => $"n{number}.example")])));
        Assert.Equal(ExitCode.Negative, await _run.RunAsync("replay", "many.pcap", "-c", "many.json"));
        Assert.Contains("200  in ways beyond the first 1000", _run.Out, StringComparison.Ordinal);
    }

    public void Dispose() => _run.Dispose();

    private static IEnumerable<byte[]> Names(params string[] names) => names.Select(name => Packets.IPv4(Packets.Udp(CaptureFormatTests.Query(name))));
}
