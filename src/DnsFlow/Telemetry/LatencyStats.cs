using System.Text.Json.Serialization;

namespace DnsFlow.Telemetry;

/// <summary>Distributions of durations in milliseconds.</summary>
public sealed record LatencyStats
{
    /// <summary>From a query to its response, all outcomes but dropped ones.</summary>
    public required LatencyQuantiles Total { get; init; }

    /// <summary>One attempt at an upstream server that was answered; no retries and no waiting in queues.</summary>
    public required LatencyQuantiles Upstream { get; init; }

    /// <summary>Waiting in the hand-over queue between the planes; absent when it is not measured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LatencyQuantiles? Queued { get; init; }
}
