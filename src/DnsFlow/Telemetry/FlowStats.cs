namespace DnsFlow.Telemetry;

/// <summary>Flows since start.</summary>
public sealed record FlowStats
{
    /// <summary>Flows that got a verdict and have not ended.</summary>
    public required long Open { get; init; }

    /// <summary>Flows that got a verdict; the sum of <see cref="ByVerdict"/>.</summary>
    public required long Opened { get; init; }

    /// <summary>Flows that ended; the sum of <see cref="ClosedBy"/>.</summary>
    public required long Closed { get; init; }

    /// <summary>By verdict: <c>claim</c>, <c>pass</c>, <c>discard</c>.</summary>
    public required IReadOnlyDictionary<string, long> ByVerdict { get; init; }

    /// <summary>By transport: <c>udp</c>, <c>tcp</c>, <c>tls</c>, <c>https</c>.</summary>
    public required IReadOnlyDictionary<string, long> ByTransport { get; init; }

    /// <summary>By reason of the end, in few groups: <c>idle</c>, <c>peer</c>, <c>completed</c>, <c>discarded</c>, <c>passed</c>, <c>evicted</c>, <c>stopped</c>, <c>error</c>.</summary>
    public required IReadOnlyDictionary<string, long> ClosedBy { get; init; }
}
