namespace DnsFlow.Telemetry;

/// <summary>What a metric is.</summary>
internal enum MetricKind
{
    /// <summary>A sum that only grows; its name ends in <c>_total</c>.</summary>
    Counter,

    /// <summary>A value of the moment.</summary>
    Gauge,

    /// <summary>A distribution of durations in seconds.</summary>
    Histogram,
}
