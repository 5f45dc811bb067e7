namespace DnsFlow.Telemetry;

/// <summary>Queries since start.</summary>
public sealed record QueryStats
{
    /// <summary>Queries that came.</summary>
    public required long Total { get; init; }

    /// <summary>Queries that came and have not ended.</summary>
    public required long InFlight { get; init; }

    /// <summary>Queries that ended, by <see cref="QueryOutcome"/>. Every outcome has its key.</summary>
    public required IReadOnlyDictionary<string, long> ByOutcome { get; init; }

    /// <summary>Responses by response code; dropped queries have none.</summary>
    public required IReadOnlyDictionary<string, long> ByRcode { get; init; }

    /// <summary>Queries by type; about twenty types and <c>other</c>. The sum is <see cref="Total"/>.</summary>
    public required IReadOnlyDictionary<string, long> ByType { get; init; }

    /// <summary>How long it took.</summary>
    public required LatencyStats LatencyMs { get; init; }
}
