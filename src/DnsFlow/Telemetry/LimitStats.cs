namespace DnsFlow.Telemetry;

/// <summary>The bounds and what was refused at them.</summary>
public sealed record LimitStats
{
    /// <summary>The memory pools.</summary>
    public required MemoryStats Memory { get; init; }

    /// <summary>What was turned away, by <see cref="Limits.ShedReason"/>. Every reason has its key.</summary>
    public required IReadOnlyDictionary<string, long> Shed { get; init; }
}
