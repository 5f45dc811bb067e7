using static DnsFlow.Telemetry.StatsNames;

namespace DnsFlow.Telemetry;

/// <summary>
/// All metrics. Their labels come from the configuration or from fixed lists, so their number is bounded; never a name that was asked
/// for, a client or a process.
/// </summary>
internal static class Metrics
{
    /// <summary>All of them, in the order they are shown.</summary>
    public static readonly Metric[] All =
    [
        new("dnsflow_build_info", MetricKind.Gauge, "The program; always 1.", (stats, sink) => sink.Value(1, ("version", stats.Version))),
        new("dnsflow_start_time_seconds", MetricKind.Gauge, "When counting began, seconds since 1970-01-01 UTC.",
            (stats, sink) => sink.Value(stats.StartedAt.ToUnixTimeMilliseconds() / 1000.0)),
        new("dnsflow_config_generation", MetricKind.Gauge, "The number of the configuration in force.", (stats, sink) => sink.Value(stats.Generation)),
        new("dnsflow_config_reloads_total", MetricKind.Counter, "Times the configuration was read anew.", (stats, sink) =>
        {
            sink.Value(stats.Reloads.Applied, ("result", "applied"));
            sink.Value(stats.Reloads.Refused, ("result", "refused"));
        }),
        new("dnsflow_flows_open", MetricKind.Gauge, "Flows that have not ended.", FlowsOpen),
        new("dnsflow_flows_opened_total", MetricKind.Counter, "Flows that got a verdict.", FlowsOpened),
        new("dnsflow_flows_closed_total", MetricKind.Counter, "Flows that ended.", FlowsClosed),
        new("dnsflow_queries_total", MetricKind.Counter, "Queries that came.", Queries),
        new("dnsflow_queries_in_flight", MetricKind.Gauge, "Queries that came and have not ended.", (stats, sink) => sink.Value(stats.Queries.InFlight)),
        new("dnsflow_responses_total", MetricKind.Counter, "Queries that ended; a dropped one has no response.", Responses),
        new("dnsflow_query_duration_seconds", MetricKind.Histogram, "From a query to its end.", QueryDurations),
        new("dnsflow_ignored_total", MetricKind.Counter, "What was not taken for a query or for an answer.",
            (stats, sink) => ByName(stats.Ignored, "reason", sink)),
        new("dnsflow_shed_total", MetricKind.Counter, "What was turned away at a bound.", (stats, sink) => ByName(stats.Limits.Shed, "reason", sink)),
        new("dnsflow_rule_matches_total", MetricKind.Counter, "How often a rule decided.", RuleMatches),
        new("dnsflow_pauses", MetricKind.Gauge, "Lists and rules that do not match for a while.", (stats, sink) => sink.Value(stats.Pauses.Count)),
        new("dnsflow_queue_depth", MetricKind.Gauge, "What waits in a queue between threads.", (stats, sink) => Queues(stats, sink, row => row.Depth)),
        new("dnsflow_queue_capacity", MetricKind.Gauge, "What can wait in a queue between threads.", (stats, sink) => Queues(stats, sink, row => row.Capacity)),
        new("dnsflow_upstream_up", MetricKind.Gauge, "1 while the server is in rotation.",
            (stats, sink) => Upstreams(stats, sink, row => row.State == "down" ? 0 : 1)),
        new("dnsflow_upstream_outstanding", MetricKind.Gauge, "Questions waiting for an answer.", (stats, sink) => Upstreams(stats, sink, row => row.Outstanding)),
        new("dnsflow_upstream_requests_total", MetricKind.Counter, "Attempts that ended, by result.", UpstreamRequests),
        new("dnsflow_upstream_retries_total", MetricKind.Counter, "Attempts that were not the first at their question.",
            (stats, sink) => Upstreams(stats, sink, row => row.Retries)),
        new("dnsflow_upstream_untrusted_total", MetricKind.Counter, "Connections on which the server was not believed.",
            (stats, sink) => Upstreams(stats, sink, row => row.Untrusted)),
        new("dnsflow_upstream_lanes_full_total", MetricKind.Counter, "Questions that found all connections of their shard to the server full.",
            (stats, sink) => Upstreams(stats, sink, row => row.LanesFull)),
        new("dnsflow_upstream_duration_seconds", MetricKind.Histogram, "Round trip of answered attempts.", UpstreamDurations),
        new("dnsflow_cache_requests_total", MetricKind.Counter, "Lookups in the response cache.", CacheRequests),
        new("dnsflow_cache_entries", MetricKind.Gauge, "Responses in the cache.", (stats, sink) => sink.Value(stats.Cache.Entries)),
        new("dnsflow_cache_bytes", MetricKind.Gauge, "Octets the cache uses.", (stats, sink) => sink.Value(stats.Cache.Bytes)),
        new("dnsflow_cache_limit_bytes", MetricKind.Gauge, "Octets the cache may use.", (stats, sink) => sink.Value(stats.Cache.MaxBytes)),
        new("dnsflow_cache_evictions_total", MetricKind.Counter, "Responses removed to make room.", (stats, sink) => sink.Value(stats.Cache.Evictions)),
        new("dnsflow_cache_prefetches_total", MetricKind.Counter, "Popular responses that were near the end of their time, asked for again or not for lack of room.", Prefetches),
        new("dnsflow_list_entries", MetricKind.Gauge, "Entries of a list in force.", (stats, sink) => Lists(stats, sink, list => list.Entries)),
        new("dnsflow_list_last_success_timestamp_seconds", MetricKind.Gauge, "When a list was read, or last found unchanged, seconds since 1970-01-01 UTC; 0 = never.",
            (stats, sink) => Lists(stats, sink, list => Seconds(list.UpdatedAt))),
        new("dnsflow_zone_last_success_timestamp_seconds", MetricKind.Gauge, "When a primary last said that a transferred zone is good, seconds since 1970-01-01 UTC; 0 = never.",
            (stats, sink) => Zones(stats, sink, zone => Seconds(zone.RefreshedAt))),
        new("dnsflow_zone_expires_timestamp_seconds", MetricKind.Gauge, "When a transferred zone expires, seconds since 1970-01-01 UTC; 0 = it is not served.",
            (stats, sink) => Zones(stats, sink, zone => Seconds(zone.ExpiresAt))),
        new("dnsflow_zone_refused_total", MetricKind.Counter, "Versions of a transferred zone that did not fit into the memory for zones.",
            (stats, sink) => Zones(stats, sink, zone => zone.Refused)),
        new("dnsflow_memory_used_bytes", MetricKind.Gauge, "Octets in use by pool.", (stats, sink) => ByName(stats.Limits.Memory.Pools, "pool", sink)),
        new("dnsflow_memory_pool_limit_bytes", MetricKind.Gauge, "Octets that a pool may use.", (stats, sink) => ByName(stats.Limits.Memory.PoolLimits, "pool", sink)),
        new("dnsflow_memory_limit_bytes", MetricKind.Gauge, "Octets that all pools may use.", (stats, sink) => sink.Value(stats.Limits.Memory.MaxBytes)),
    ];

    private static void FlowsOpen(StatsSnapshot stats, IMetricSink sink)
    {
        for (var transport = 0; transport < TransportNames.Length; transport++)
        {
            var open = 0L;
            for (var row = 0; row < stats.Totals.Listeners * Verdicts.Length; row++)
            {
                open += stats.Totals.FlowsOpened(row / Verdicts.Length, transport, row % Verdicts.Length);
            }

            for (var reason = 0; reason < Closes.Length; reason++)
            {
                open -= stats.Totals.FlowsClosed(transport, reason);
            }

            sink.Value(open, ("transport", TransportNames[transport]));
        }
    }

    private static void FlowsOpened(StatsSnapshot stats, IMetricSink sink)
    {
        for (var row = 0; row < stats.Totals.Listeners * TransportNames.Length * Verdicts.Length; row++)
        {
            var (rest, verdict) = Math.DivRem(row, Verdicts.Length);
            var (listener, transport) = Math.DivRem(rest, TransportNames.Length);
            sink.Value(stats.Totals.FlowsOpened(listener, transport, verdict),
                ("listener", Listener(stats, listener)), ("transport", TransportNames[transport]), ("verdict", Verdicts[verdict]));
        }
    }

    private static void FlowsClosed(StatsSnapshot stats, IMetricSink sink)
    {
        for (var reason = 0; reason < Closes.Length; reason++)
        {
            sink.Value(stats.Totals.FlowsClosed(0, reason) + stats.Totals.FlowsClosed(1, reason), ("reason", Closes[reason]));
        }
    }

    private static void Queries(StatsSnapshot stats, IMetricSink sink)
    {
        for (var row = 0; row < stats.Totals.Listeners * TransportNames.Length * Types.Length; row++)
        {
            var (rest, type) = Math.DivRem(row, Types.Length);
            var (listener, transport) = Math.DivRem(rest, TransportNames.Length);
            if (stats.Totals.Queries(listener, transport, type) is > 0 and var count)
            {
                sink.Value(count, ("listener", Listener(stats, listener)), ("transport", TransportNames[transport]), ("type", Types[type]));
            }
        }
    }

    private static void Responses(StatsSnapshot stats, IMetricSink sink)
    {
        var byCode = new Dictionary<string, long>();
        for (var row = 0; row < stats.Totals.Listeners * Outcomes.Length; row++)
        {
            var (listener, outcome) = Math.DivRem(row, Outcomes.Length);
            byCode.Clear();
            for (var code = 0; code < Codes.Length; code++)
            {
                var name = outcome == (int)QueryOutcome.Dropped ? "none" : Codes[code];
                byCode[name] = byCode.GetValueOrDefault(name) + stats.Totals.Responses(listener, outcome, code);
            }

            foreach (var (code, count) in byCode.Where(pair => pair.Value > 0))
            {
                sink.Value(count, ("listener", Listener(stats, listener)), ("outcome", Outcomes[outcome]), ("rcode", code));
            }
        }
    }

    private static void QueryDurations(StatsSnapshot stats, IMetricSink sink)
    {
        for (var outcome = 0; outcome < Outcomes.Length; outcome++)
        {
            sink.Histogram(stats.Totals.Latency(outcome), stats.Totals.LatencySum(outcome), ("outcome", Outcomes[outcome]));
        }
    }

    private static void RuleMatches(StatsSnapshot stats, IMetricSink sink)
    {
        foreach (var row in stats.Rules)
        {
            sink.Value(row.Matches, ("stage", row.Stage), ("rule", row.Rule));
        }
    }

    private static void Queues(StatsSnapshot stats, IMetricSink sink, Func<QueueStats, long> read)
    {
        foreach (var row in stats.Queues)
        {
            sink.Value(read(row), ("queue", row.Queue));
        }
    }

    private static void UpstreamRequests(StatsSnapshot stats, IMetricSink sink)
    {
        foreach (var row in stats.Upstreams)
        {
            foreach (var (result, count) in ((string, long)[])[("answered", row.Answered), ("timeout", row.Timeouts), ("error", row.Errors)])
            {
                sink.Value(count, ("group", row.Group), ("server", row.Server), ("transport", row.Transport), ("result", result));
            }
        }
    }

    private static void UpstreamDurations(StatsSnapshot stats, IMetricSink sink)
    {
        foreach (var row in stats.Upstreams)
        {
            sink.Histogram(row.RttCounts.Span, row.RttSumMicroseconds, ("group", row.Group), ("server", row.Server));
        }
    }

    private static void Upstreams(StatsSnapshot stats, IMetricSink sink, Func<UpstreamStats, long> read)
    {
        foreach (var row in stats.Upstreams)
        {
            sink.Value(read(row), ("group", row.Group), ("server", row.Server));
        }
    }

    private static void Lists(StatsSnapshot stats, IMetricSink sink, Func<ListStats, double> read)
    {
        foreach (var list in stats.Lists)
        {
            sink.Value(read(list), ("list", list.Name));
        }
    }

    private static void Zones(StatsSnapshot stats, IMetricSink sink, Func<ZoneStats, double> read)
    {
        foreach (var zone in stats.Zones)
        {
            sink.Value(read(zone), ("zone", zone.Name));
        }
    }

    private static double Seconds(DateTimeOffset? time) => (time?.ToUnixTimeMilliseconds() ?? 0) / 1000.0;

    private static void CacheRequests(StatsSnapshot stats, IMetricSink sink)
    {
        sink.Value(stats.Cache.Hits, ("result", "hit"));
        sink.Value(stats.Cache.Misses, ("result", "miss"));
    }

    private static void Prefetches(StatsSnapshot stats, IMetricSink sink)
    {
        sink.Value(stats.Cache.Prefetches, ("result", "asked"));
        sink.Value(stats.Cache.PrefetchesRefused, ("result", "refused"));
    }

    private static void ByName(IReadOnlyDictionary<string, long> counts, string label, IMetricSink sink)
    {
        foreach (var (name, count) in counts)
        {
            sink.Value(count, (label, name));
        }
    }

    private static string Listener(StatsSnapshot stats, int index) => index < stats.Listeners.Count ? stats.Listeners[index] : "listener" + index;
}
