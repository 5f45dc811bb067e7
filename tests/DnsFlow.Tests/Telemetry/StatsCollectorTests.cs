using System.Text.Json;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Telemetry;

namespace DnsFlow.Tests.Telemetry;

public class StatsCollectorTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 6, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Collect_SeveralOwners_SumsThem()
    {
        var (shard, streams) = (new TrafficCounters(2, shared: false), new TrafficCounters(1, shared: true));
        Ask(shard, listener: 1, RecordType.A, QueryOutcome.Cached, ResponseCode.NoError);
        Ask(shard, listener: 0, RecordType.AAAA, QueryOutcome.Forwarded, ResponseCode.NXDomain);
        Ask(streams, listener: 0, (RecordType)65280, QueryOutcome.Failed, ResponseCode.ServFail);
        shard.QueryReceived(0, 0, RecordType.TXT);

        var queries = Collect(shard, streams).Queries;

        Assert.Equal(4, queries.Total);
        Assert.Equal(1, queries.InFlight);
        Assert.Equal((1, 1, 1, 0), (queries.ByOutcome["cached"], queries.ByOutcome["forwarded"], queries.ByOutcome["failed"], queries.ByOutcome["shed"]));
        Assert.Equal((1, 1, 1, 0), (queries.ByRcode["NOERROR"], queries.ByRcode["NXDOMAIN"], queries.ByRcode["SERVFAIL"], queries.ByRcode["REFUSED"]));
        Assert.Equal((1, 1, 1, 1), (queries.ByType["A"], queries.ByType["AAAA"], queries.ByType["TXT"], queries.ByType["other"]));
        Assert.Equal("other", queries.ByType.Keys.Last());
    }

    [Fact]
    public void Collect_DroppedQuery_HasNoResponseCodeAndNoLatency()
    {
        var counters = new TrafficCounters(1, shared: false);
        Ask(counters, 0, RecordType.A, QueryOutcome.Dropped, ResponseCode.NoError, microseconds: 1_000_000);

        var queries = Collect(counters).Queries;

        Assert.Equal(1, queries.ByOutcome["dropped"]);
        Assert.Equal(0, queries.ByRcode["NOERROR"]);
        Assert.Equal(0, queries.LatencyMs.Total.P99);
    }

    [Fact]
    public void Collect_FlowsOfAllEnds_OpenIsOpenedLessClosed()
    {
        var counters = new TrafficCounters(1, shared: false);
        foreach (var reason in Enum.GetValues<FlowCloseReason>())
        {
            counters.FlowOpened(0, (int)FlowTransport.Udp, (int)FlowVerdict.Claim);
            counters.FlowClosed((int)FlowTransport.Udp, (int)reason);
        }

        counters.FlowOpened(0, (int)FlowTransport.Tcp, (int)FlowVerdict.Pass);

        var flows = Collect(counters).Flows;

        Assert.Equal((1, 13, 12), (flows.Open, flows.Opened, flows.Closed));
        Assert.Equal(flows.Closed, flows.ClosedBy.Values.Sum());
        Assert.Equal((2, 4), (flows.ClosedBy["peer"], flows.ClosedBy["error"]));
        Assert.Equal((12, 1, 0), (flows.ByVerdict["claim"], flows.ByVerdict["pass"], flows.ByVerdict["discard"]));
        Assert.Equal((12, 1), (flows.ByTransport["udp"], flows.ByTransport["tcp"]));
    }

    [Fact]
    public void Collect_WhileOwnersCount_OutcomesPlusInFlightIsTotal()
    {
        var owners = new[] { new TrafficCounters(2, shared: false), new TrafficCounters(2, shared: false), new TrafficCounters(2, shared: true) };
        using var stop = new CancellationTokenSource();
        var counting = owners.Select(owner => new Thread(() => CountUntil(owner, stop.Token))).ToList();
        counting.ForEach(thread => thread.Start());
        var totals = new List<long>();
        while (totals.Count < 200 || totals[^1] == 0)
        {
            var (queries, flows) = (Collect(owners).Queries, Collect(owners).Flows);
            totals.Add(queries.Total);
            Assert.Equal(queries.Total, queries.ByOutcome.Values.Sum() + queries.InFlight);
            Assert.Equal(queries.Total, queries.ByType.Values.Sum());
            Assert.True(queries.InFlight >= 0, "queries in flight: " + queries.InFlight);
            Assert.True(flows.Open >= 0, "open flows: " + flows.Open);
        }

        stop.Cancel();
        counting.ForEach(thread => thread.Join());
        Assert.Equal(0, Collect(owners).Queries.InFlight);
        Assert.Equal(0, Collect(owners).Flows.Open);
    }

    [Fact]
    public void Collect_ShedAndIgnored_EveryReasonHasItsKey()
    {
        var counters = new TrafficCounters(1, shared: false);
        Array.ForEach(Enum.GetValues<ShedReason>(), counters.Shed);
        Array.ForEach(Enum.GetValues<IgnoredReason>(), counters.Ignored);

        var stats = Collect(counters);

        Assert.Equal(Enum.GetValues<ShedReason>().Length, stats.Limits.Shed.Count);
        Assert.Equal(Enum.GetValues<IgnoredReason>().Length, stats.Ignored.Count);
        Assert.All(stats.Limits.Shed.Values.Concat(stats.Ignored.Values), count => Assert.Equal(1, count));
        Assert.Contains("clientRate", stats.Limits.Shed.Keys);
    }

    [Fact]
    public void Collect_UpstreamRows_MergesTheirRoundTrips()
    {
        var (fast, slow) = (new long[LatencyHistogram.Buckets], new long[LatencyHistogram.Buckets]);
        fast[LatencyHistogram.Bucket(10_000)] = 98;
        slow[LatencyHistogram.Bucket(500_000)] = 2;
        var sources = Sources() with { Upstreams = [Row("a", fast), Row("b", slow)] };

        var upstream = StatsCollector.Collect(sources).Queries.LatencyMs.Upstream;

        Assert.InRange(upstream.P50, 8, 12);
        Assert.InRange(upstream.P99, 400, 600);
    }

    [Fact]
    public void Collect_Json_HasTheDocumentedShape()
    {
        var counters = new TrafficCounters(1, shared: false);
        Ask(counters, 0, RecordType.HTTPS, QueryOutcome.Local, ResponseCode.NoError);
        var sources = Sources(counters) with { Upstreams = [Row("9.9.9.9", new long[LatencyHistogram.Buckets])] };

        using var json = JsonDocument.Parse(JsonSerializer.Serialize(StatsCollector.Collect(sources), StatsJson.Default.StatsSnapshot));

        var root = json.RootElement;
        Assert.Equal(
            ["version", "startedAt", "uptimeSeconds", "generation", "reloads", "window", "flows", "queries", "upstreams", "cache", "lists", "zones", "limits", "rules", "pauses", "queues", "ignored"],
            root.EnumerateObject().Select(property => property.Name));
        Assert.Equal("2026-11-22T06:00:00+00:00", root.GetProperty("startedAt").GetString());
        Assert.Equal(3600, root.GetProperty("uptimeSeconds").GetInt64());
        Assert.Equal(1, root.GetProperty("queries").GetProperty("byOutcome").GetProperty("local").GetInt64());
        Assert.Equal(1, root.GetProperty("queries").GetProperty("byType").GetProperty("HTTPS").GetInt64());
        Assert.Equal(
            ["group", "server", "transport", "state", "sent", "answered", "timeouts", "errors", "retries", "hedges", "hedgesWon", "probes", "untrusted", "lanesFull", "problem", "outstanding", "rttMs"],
            root.GetProperty("upstreams")[0].EnumerateObject().Select(property => property.Name));
        Assert.True(root.GetProperty("queries").GetProperty("latencyMs").GetProperty("total").GetProperty("p50").GetDouble() > 0);
    }

    [Fact]
    public void StatsNames_Lists_MatchTheEnumerations()
    {
        Assert.Equal(Enum.GetNames<FlowTransport>().Select(name => name.ToLowerInvariant()), StatsNames.TransportNames);
        Assert.Equal(Enum.GetNames<FlowVerdict>().Select(name => name.ToLowerInvariant()), StatsNames.Verdicts);
        Assert.Equal(Enum.GetNames<FlowCloseReason>().Select(JsonNamingPolicy.CamelCase.ConvertName), StatsNames.Closes);
        Assert.Equal(StatsNames.Closes.Length, StatsNames.CloseGroups.Length);
        Assert.Equal(
            (TrafficCounters.Transports, TrafficCounters.Verdicts, TrafficCounters.Closes, TrafficCounters.Outcomes, TrafficCounters.Sheds, TrafficCounters.Ignores, TrafficCounters.Codes),
            (StatsNames.TransportNames.Length, StatsNames.Verdicts.Length, StatsNames.Closes.Length, StatsNames.Outcomes.Length, StatsNames.Sheds.Length, StatsNames.Ignores.Length, StatsNames.Codes.Length));
    }

    internal static StatsSources Sources(params TrafficCounters[] owners)
        => new() { Version = "1.2.3", StartedAt = Start, Now = Start.AddHours(1), Listeners = ["local", "lan"], Counters = owners };

    internal static UpstreamStats Row(string server, long[] counts)
        => new() { Group = "default", Server = server, State = "up", Sent = 3, Answered = 2, Timeouts = 1, RttCounts = counts, RttMs = LatencyQuantiles.Of(counts) };

    internal static void Ask(TrafficCounters counters, int listener, RecordType type, QueryOutcome outcome, ResponseCode code, long microseconds = 300)
    {
        counters.QueryReceived(listener, 0, type);
        counters.QueryFinished(listener, outcome, code, microseconds);
    }

    private static StatsSnapshot Collect(params TrafficCounters[] owners) => StatsCollector.Collect(Sources(owners));

    private static void CountUntil(TrafficCounters owner, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            owner.FlowOpened(i & 1, 0, 0);
            Ask(owner, i & 1, TrafficCounters.Types[i % TrafficCounters.Types.Length], (QueryOutcome)(i % 11), (ResponseCode)(i % 6));
            owner.FlowClosed(0, i % 12);
        }
    }
}
