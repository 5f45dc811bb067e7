namespace DnsFlow.Telemetry;

/// <summary>The memory pools.</summary>
public sealed record MemoryStats
{
    /// <summary>Octets that all pools together may use (<c>Limits:Memory</c>).</summary>
    public long MaxBytes { get; init; }

    /// <summary>Octets in use; the sum of <see cref="Pools"/>.</summary>
    public long UsedBytes { get; init; }

    /// <summary>Octets in use by pool, <c>cache</c>, <c>flows</c>, <c>questions</c> (tables, counted whole) and <c>streams</c> (buffers).</summary>
    public IReadOnlyDictionary<string, long> Pools { get; init; } = new Dictionary<string, long>();

    /// <summary>Octets that each pool may use.</summary>
    public IReadOnlyDictionary<string, long> PoolLimits { get; init; } = new Dictionary<string, long>();
}
