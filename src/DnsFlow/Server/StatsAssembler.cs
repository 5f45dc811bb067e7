using DnsFlow.Caching;
using DnsFlow.Limits;
using DnsFlow.Server.Plans;
using DnsFlow.Server.QueryLogs;
using DnsFlow.Shards;
using DnsFlow.Telemetry;
using DnsFlow.Upstreams;

namespace DnsFlow.Server;

/// <summary>Gathers what the running parts counted into a snapshot. Tables count whole, as reserved: the system gives them memory where they are touched.</summary>
internal sealed class StatsAssembler(string version, DateTimeOffset startedAt, long memory, MemoryPlan pools, MemoryPool streams, MonotonicClock clock)
{
    /// <summary>Makes a snapshot.</summary>
    public StatsSnapshot Assemble(
        IReadOnlyList<TrafficCounters> counters, IReadOnlyList<string> listeners, ProxyPlan plan, ResponseCache cache, IEnumerable<Shard> shards,
        int generation, ReloadStats reloads, DetourRunner detours, QueryLogQueue? log = null)
    {
        var cacheStatistics = cache.Statistics;
        var used = new Dictionary<string, long>
        {
            ["cache"] = cacheStatistics.Bytes, ["flows"] = pools.Flows, ["questions"] = pools.Questions, ["streams"] = streams.UsedBytes, ["lists"] = plan.Lists.Bytes, ["zones"] = plan.Zones.Bytes,
            ["queryLog"] = pools.QueryLog,
        };
        var snapshot = StatsCollector.Collect(new StatsSources
        {
            Version = version,
            StartedAt = startedAt,
            Now = clock.Time.GetUtcNow(),
            Generation = generation,
            Reloads = reloads,
            Listeners = listeners,
            Counters = counters,
            Upstreams = [.. plan.Groups.SelectMany(group => Rows(group, clock.Now))],
            Rules =
            [
                .. plan.FlowRules.Rules.Select(rule => new RuleStats("flow", rule.Name, rule.Counter.Count)),
                .. plan.QueryRules.Rules.Select(rule => new RuleStats("query", rule.Name, rule.Counter.Count)),
                .. plan.AnswerRules.Rules.Select(rule => new RuleStats("answer", rule.Name, rule.Counter.Count)),
            ],
            Queues = [.. shards.Select((shard, index) => new QueueStats($"shard{index}", shard.Queue.Count, shard.Queue.Capacity)), .. Rows(detours), .. Row(log)],
            Cache = new CacheStats
            {
                Entries = cacheStatistics.Entries,
                Bytes = cacheStatistics.Bytes,
                MaxBytes = cacheStatistics.CapacityBytes,
                Hits = cacheStatistics.Hits,
                Misses = cacheStatistics.Misses,
                Evictions = cacheStatistics.Evictions,
                Prefetches = cacheStatistics.Prefetches,
                PrefetchesRefused = cacheStatistics.PrefetchesRefused,
            },
            Lists = [.. plan.Lists.Lists.Select(static list => new ListStats { Name = list.Name, Entries = list.Data?.Count ?? 0, UpdatedAt = list.UpdatedAt, Error = list.Error })],
            Zones = [.. plan.Transfers.Zones.Select(static zone => zone.Report())],
            Memory = new MemoryStats
            {
                MaxBytes = memory,
                UsedBytes = used.Values.Sum(),
                Pools = used,
                PoolLimits = pools.Pools,
            },
        });
        return WithDrops(
            snapshot, ("receiveBuffer", shards.Sum(shard => shard.KernelDrops)), ("queryLog", log?.Dropped ?? 0), ("detour", detours.Shed), ("mirror", detours.Mirrored.Shed));
    }

    private static QueueStats[] Rows(DetourRunner detours) =>
        [new("detours", detours.Running, DetourRunner.MaxRunning), new("mirror", detours.Mirrored.InFlight, MirroredQuestions.MaxInFlight)];

    private static QueueStats[] Row(QueryLogQueue? log) => log is null ? [] : [new QueueStats("queryLog", log.Count, QueryLogQueue.Capacity)];

    /// <summary>What the kernel dropped before we saw it is known to the sockets alone, and what was not logged, sent on a detour or mirrored to those who do that.</summary>
    private static StatsSnapshot WithDrops(StatsSnapshot snapshot, params ReadOnlySpan<(string Reason, long Count)> drops)
    {
        var shed = new Dictionary<string, long>(snapshot.Limits.Shed);
        foreach (var (reason, count) in drops)
        {
            if (count > 0)
            {
                shed[reason] = count;
            }
        }

        return snapshot with { Limits = snapshot.Limits with { Shed = shed } };
    }

    private static List<UpstreamStats> Rows(UpstreamGroup group, long now)
    {
        var rows = new List<UpstreamStats>();
        foreach (var server in group.Servers)
        {
            rows.Add(Row(group, server, now));
        }

        return rows;
    }

    private static UpstreamStats Row(UpstreamGroup group, Upstream server, long now)
    {
        var statistics = server.Statistics;
        var counts = new long[LatencyHistogram.Buckets];
        statistics.RoundTrips.AddTo(counts);
        return new UpstreamStats
        {
            Group = group.Name,
            Server = server.Name,
            Transport = server.Link.Scheme,
            State = StateName(server.Health.State(now)),
            Sent = statistics.Sent,
            Answered = statistics.Answered,
            Timeouts = statistics.Timeouts,
            Errors = statistics.Errors,
            Retries = statistics.Retries,
            Hedges = statistics.Hedges,
            HedgesWon = statistics.HedgesWon,
            Probes = statistics.Probes,
            Untrusted = statistics.Untrusted,
            LanesFull = statistics.LanesFull,
            Problem = statistics.Problem,
            Outstanding = statistics.Outstanding,
            RttMs = LatencyQuantiles.Of(counts),
            RttCounts = counts,
            RttSumMicroseconds = statistics.RoundTrips.SumMicroseconds,
        };
    }

    private static string StateName(UpstreamState state) => state switch
    {
        UpstreamState.Up => "up",
        UpstreamState.Suspect => "suspect",
        UpstreamState.Probing => "probing",
        _ => "down",
    };
}
