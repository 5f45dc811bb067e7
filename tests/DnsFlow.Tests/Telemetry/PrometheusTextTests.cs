using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using static DnsFlow.Tests.Telemetry.StatsCollectorTests;

namespace DnsFlow.Tests.Telemetry;

public class PrometheusTextTests
{
    [Fact]
    public void Write_NothingCounted_IsValid()
    {
        var families = PrometheusParser.Parse(PrometheusText.Write(StatsCollector.Collect(Sources(new TrafficCounters(1, shared: false)))));

        Assert.Equal(0, Value(families, "dnsflow_queries_in_flight"));
        Assert.Equal(1, Value(families, "dnsflow_build_info", ("version", "1.2.3")));
        Assert.Equal(0, Value(families, "dnsflow_flows_open", ("transport", "tcp")));
    }

    [Fact]
    public void Write_EverythingCounted_IsValidAndHasTheNumbers()
    {
        var families = PrometheusParser.Parse(PrometheusText.Write(StatsCollector.Collect(Busy())));

        Assert.Equal(3, Value(families, "dnsflow_queries_total", ("listener", "lan"), ("transport", "udp"), ("type", "A")));
        Assert.Equal(1, Value(families, "dnsflow_responses_total", ("listener", "local"), ("outcome", "dropped"), ("rcode", "none")));
        Assert.Equal(1, Value(families, "dnsflow_responses_total", ("listener", "lan"), ("outcome", "forwarded"), ("rcode", "NXDOMAIN")));
        Assert.Equal(2, Value(families, "dnsflow_upstream_requests_total", ("group", "default"), ("server", "a\"b\\c\nd"), ("transport", "udp"), ("result", "answered")));
        Assert.Equal(0, Value(families, "dnsflow_upstream_up", ("group", "g"), ("server", "down")));
        Assert.Equal(7, Value(families, "dnsflow_cache_requests_total", ("result", "hit")));
        Assert.Equal(4096, Value(families, "dnsflow_memory_used_bytes", ("pool", "cache")));
        Assert.Equal(1, Value(families, "dnsflow_shed_total", ("reason", "clientRate")));
        Assert.Equal(1, Value(families, "dnsflow_ignored_total", ("reason", "notAQuery")));
        Assert.Equal(1, Value(families, "dnsflow_flows_closed_total", ("reason", "idleTimeout")));
    }

    [Fact]
    public void Write_Durations_FallIntoTheirBuckets()
    {
        var counters = new TrafficCounters(1, shared: false);
        foreach (var microseconds in (long[])[50, 1_500, 1_500, 60_000_000])
        {
            Ask(counters, 0, RecordType.A, QueryOutcome.Cached, ResponseCode.NoError, microseconds);
        }

        var families = PrometheusParser.Parse(PrometheusText.Write(StatsCollector.Collect(Sources(counters))));

        double Below(string bound) => Value(families, "dnsflow_query_duration_seconds", "_bucket", ("outcome", "cached"), ("le", bound));
        Assert.Equal((1, 1, 3, 3, 4), (Below("6.4E-05"), Below("0.001024"), Below("0.002048"), Below("8.388608"), Below("+Inf")));
        Assert.Equal(60.00305, Value(families, "dnsflow_query_duration_seconds", "_sum", ("outcome", "cached")), 6);
    }

    [Fact]
    public void Write_TypesWithoutCounter_ShareOneLabel()
    {
        var counters = new TrafficCounters(1, shared: false);
        for (var type = 300; type < 2300; type++)
        {
            counters.QueryReceived(0, 0, (RecordType)type);
        }

        var queries = PrometheusParser.Parse(PrometheusText.Write(StatsCollector.Collect(Sources(counters))))["dnsflow_queries_total"];

        Assert.Equal(2000, Assert.Single(queries.Samples).Value);
    }

    [Theory]
    [InlineData("# HELP a_total x\n# TYPE a_total counter\na_total{l=\"v\"} 1\na_total{l=\"v\"} 2\n")]
    [InlineData("# HELP a x\n# TYPE a gauge\na{l=\"v\",} 1\n")]
    [InlineData("# HELP a x\n# TYPE a gauge\na{l=\"v} 1\n")]
    [InlineData("# HELP a x\n# TYPE a gauge\nb 1\n")]
    [InlineData("# HELP a x\n# TYPE a counter\na 1\n")]
    [InlineData("# HELP a x\n# TYPE a gauge\na 1")]
    [InlineData("# HELP h x\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n")]
    public void Parser_BrokenText_Refuses(string text) => Assert.Throws<FormatException>(() => PrometheusParser.Parse(text));

    internal static StatsSources Busy()
    {
        var counters = new TrafficCounters(2, shared: false);
        Ask(counters, 1, RecordType.A, QueryOutcome.Cached, ResponseCode.NoError);
        Ask(counters, 1, RecordType.A, QueryOutcome.Forwarded, ResponseCode.NXDomain);
        Ask(counters, 1, RecordType.A, QueryOutcome.Failed, (ResponseCode)14);
        Ask(counters, 0, RecordType.HTTPS, QueryOutcome.Dropped, ResponseCode.Refused);
        counters.FlowOpened(0, 0, 0);
        counters.FlowClosed(0, 7);
        counters.Shed(DnsFlow.Limits.ShedReason.ClientRate);
        counters.Ignored(IgnoredReason.NotAQuery);
        var rtt = new long[LatencyHistogram.Buckets];
        rtt[LatencyHistogram.Bucket(20_000)] = 2;
        return Sources(counters) with
        {
            Upstreams = [Row("a\"b\\c\nd", rtt), new UpstreamStats { Group = "g", Server = "down", State = "down" }],
            Cache = new CacheStats { Entries = 5, Bytes = 4096, MaxBytes = 8192, Hits = 7, Misses = 3 },
            Memory = new MemoryStats { MaxBytes = 1 << 20, UsedBytes = 4096, Pools = new Dictionary<string, long> { ["cache"] = 4096 } },
        };
    }

    private static double Value(Dictionary<string, PrometheusParser.Family> families, string name, params (string, string)[] labels) => Value(families, name, "", labels);

    private static double Value(Dictionary<string, PrometheusParser.Family> families, string name, string suffix, params (string Name, string Value)[] labels)
        => families[name].Samples.Single(sample => sample.Name == name + suffix && sample.Labels.Count == labels.Length
            && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value)).Value;
}
