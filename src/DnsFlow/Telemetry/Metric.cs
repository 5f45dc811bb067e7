namespace DnsFlow.Telemetry;

/// <summary>One metric: its name in Prometheus, what it is, and how its values are read from a snapshot.</summary>
internal sealed record Metric(string Name, MetricKind Kind, string Help, Action<StatsSnapshot, IMetricSink> Read);
