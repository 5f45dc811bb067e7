using DnsFlow.Telemetry;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Server;

public class RuleStatsTests
{
    [Fact]
    public async Task Stats_RulesAndQueues_AreShownWithWhatTheyCounted()
    {
        await using var proxy = await ProxyHarness.StartAsync("""
            "FlowRules": [{ "Name": "everybody", "Verdict": "claim" }],
            "QueryRules": [
              { "Name": "ads", "When": { "Domains": ["ads.example"] }, "Action": "block" },
              { "Name": "rest", "Action": "nxdomain" }]
            """);
        await proxy.AskAsync(Wire.Query("www.ads.example"));
        await proxy.AskAsync(Wire.Query("ads.example"));
        await proxy.AskAsync(Wire.Query("www.example"));
        Assert.Equal([new("flow", "everybody", 3), new("query", "ads", 2), new RuleStats("query", "rest", 1)], proxy.Stats.Rules);
        Assert.Equal([("shard0", 0), ("detours", 0), ("mirror", 0)], proxy.Stats.Queues.Select(static queue => (queue.Queue, queue.Depth)));
        var queue = proxy.Stats.Queues[0];

        var metrics = PrometheusText.Write(proxy.Stats);
        Assert.Contains("dnsflow_rule_matches_total{stage=\"query\",rule=\"ads\"} 2", metrics, StringComparison.Ordinal);
        Assert.Contains($"dnsflow_queue_capacity{{queue=\"shard0\"}} {queue.Capacity}", metrics, StringComparison.Ordinal);
    }
}
