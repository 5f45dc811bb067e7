namespace DnsFlow.Telemetry;

/// <summary>Makes a snapshot of what the owners counted. Pure: the same sources give the same snapshot.</summary>
internal static class StatsCollector
{
    private static readonly string[] AlwaysShownCodes = ["NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"];

    /// <summary>Makes a snapshot.</summary>
    public static StatsSnapshot Collect(StatsSources sources)
    {
        var totals = TrafficTotals.Read(sources.Counters, sources.Listeners.Count);
        return new StatsSnapshot
        {
            Version = sources.Version,
            StartedAt = sources.StartedAt.ToUniversalTime(),
            UptimeSeconds = Math.Max(0, (long)(sources.Now - sources.StartedAt).TotalSeconds),
            Generation = sources.Generation,
            Reloads = sources.Reloads,
            Flows = Flows(totals),
            Queries = Queries(totals, sources),
            Upstreams = sources.Upstreams,
            Cache = sources.Cache,
            Lists = sources.Lists,
            Zones = sources.Zones,
            Limits = new LimitStats { Memory = sources.Memory, Shed = Named(StatsNames.Sheds, totals.Shed) },
            Rules = sources.Rules,
            Queues = sources.Queues,
            Ignored = Named(StatsNames.Ignores, totals.Ignored),
            Totals = totals,
            Listeners = sources.Listeners,
        };
    }

    private static FlowStats Flows(TrafficTotals totals)
    {
        var byVerdict = Zeroes(StatsNames.Verdicts);
        var byTransport = Zeroes(StatsNames.TransportNames);
        var closedBy = Zeroes(["idle", "peer", "completed", "discarded", "passed", "evicted", "stopped", "error"]);
        for (var transport = 0; transport < StatsNames.TransportNames.Length; transport++)
        {
            for (var row = 0; row < totals.Listeners * StatsNames.Verdicts.Length; row++)
            {
                var (listener, verdict) = Math.DivRem(row, StatsNames.Verdicts.Length);
                byVerdict[StatsNames.Verdicts[verdict]] += totals.FlowsOpened(listener, transport, verdict);
                byTransport[StatsNames.TransportNames[transport]] += totals.FlowsOpened(listener, transport, verdict);
            }

            for (var reason = 0; reason < StatsNames.Closes.Length; reason++)
            {
                closedBy[StatsNames.CloseGroups[reason]] += totals.FlowsClosed(transport, reason);
            }
        }

        var (opened, closed) = (byVerdict.Values.Sum(), closedBy.Values.Sum());
        return new FlowStats { Open = opened - closed, Opened = opened, Closed = closed, ByVerdict = byVerdict, ByTransport = byTransport, ClosedBy = closedBy };
    }

    private static QueryStats Queries(TrafficTotals totals, StatsSources sources)
    {
        var byOutcome = Zeroes(StatsNames.Outcomes);
        var byRcode = Zeroes(AlwaysShownCodes);
        for (var row = 0; row < totals.Listeners * StatsNames.Outcomes.Length * StatsNames.Codes.Length; row++)
        {
            var (rest, code) = Math.DivRem(row, StatsNames.Codes.Length);
            var (listener, outcome) = Math.DivRem(rest, StatsNames.Outcomes.Length);
            var count = totals.Responses(listener, outcome, code);
            byOutcome[StatsNames.Outcomes[outcome]] += count;
            if (outcome != (int)QueryOutcome.Dropped)
            {
                AddIfAny(byRcode, StatsNames.Codes[code], count);
            }
        }

        var byType = ByType(totals);
        var total = byType.Values.Sum();
        return new QueryStats
        {
            Total = total,
            InFlight = total - byOutcome.Values.Sum(),
            ByOutcome = byOutcome,
            ByRcode = byRcode,
            ByType = byType,
            LatencyMs = Latency(totals, sources),
        };
    }

    private static Dictionary<string, long> ByType(TrafficTotals totals)
    {
        var byType = new Dictionary<string, long>();
        for (var type = 1; type <= StatsNames.Types.Length; type++)
        {
            var shown = type % StatsNames.Types.Length;     // "other" comes last
            for (var row = 0; row < totals.Listeners * StatsNames.TransportNames.Length; row++)
            {
                var (listener, transport) = Math.DivRem(row, StatsNames.TransportNames.Length);
                AddIfAny(byType, StatsNames.Types[shown], totals.Queries(listener, transport, shown));
            }
        }

        return byType;
    }

    private static LatencyStats Latency(TrafficTotals totals, StatsSources sources)
    {
        Span<long> all = stackalloc long[LatencyHistogram.Buckets], upstream = stackalloc long[LatencyHistogram.Buckets], queued = stackalloc long[LatencyHistogram.Buckets];
        all.Clear();
        upstream.Clear();
        queued.Clear();
        for (var outcome = 0; outcome < StatsNames.Outcomes.Length; outcome++)
        {
            Add(outcome == (int)QueryOutcome.Dropped ? [] : totals.Latency(outcome), all);
        }

        foreach (var row in sources.Upstreams)
        {
            Add(row.RttCounts.Span, upstream);
        }

        foreach (var histogram in sources.Queued)
        {
            histogram.AddTo(queued);
        }

        return new LatencyStats
        {
            Total = LatencyQuantiles.Of(all),
            Upstream = LatencyQuantiles.Of(upstream),
            Queued = sources.Queued.Count == 0 ? null : LatencyQuantiles.Of(queued),
        };
    }

    private static void Add(ReadOnlySpan<long> counts, Span<long> totals)
    {
        for (var i = 0; i < Math.Min(counts.Length, totals.Length); i++)
        {
            totals[i] += counts[i];
        }
    }

    private static void AddIfAny(Dictionary<string, long> counts, string name, long count)
    {
        if (count != 0)
        {
            counts[name] = counts.GetValueOrDefault(name) + count;
        }
    }

    private static Dictionary<string, long> Zeroes(string[] names) => names.ToDictionary(name => name, _ => 0L);

    private static Dictionary<string, long> Named(string[] names, Func<int, long> count)
    {
        var counts = new Dictionary<string, long>(names.Length);
        for (var i = 0; i < names.Length; i++)
        {
            counts[names[i]] = count(i);
        }

        return counts;
    }
}
