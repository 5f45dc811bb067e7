using System.Text.Json.Serialization;

namespace DnsFlow.Telemetry;

/// <summary>Three points of a distribution of durations, in milliseconds; 0 when nothing was measured. Right to within 20 %.</summary>
/// <param name="P50">Half of the durations were at most this.</param>
/// <param name="P95">95 % were at most this.</param>
/// <param name="P99">99 % were at most this.</param>
public sealed record LatencyQuantiles(
    [property: JsonPropertyName("p50")] double P50,
    [property: JsonPropertyName("p95")] double P95,
    [property: JsonPropertyName("p99")] double P99)
{
    /// <summary>Nothing measured.</summary>
    public static LatencyQuantiles None { get; } = new(0, 0, 0);

    /// <summary>Reads the three points from summed counts of a <see cref="LatencyHistogram"/>.</summary>
    public static LatencyQuantiles Of(ReadOnlySpan<long> counts) => new(Quantile(counts, 0.50), Quantile(counts, 0.95), Quantile(counts, 0.99));

    /// <summary>
    /// The duration in milliseconds that the given part (0 to 1) of all counted durations did not exceed, interpolated within its bucket.
    /// </summary>
    public static double Quantile(ReadOnlySpan<long> counts, double part)
    {
        var total = 0L;
        foreach (var count in counts)
        {
            total += count;
        }

        var rank = part * total;
        var below = 0L;
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            if (counts[bucket] > 0 && below + counts[bucket] >= rank)
            {
                return Interpolate(bucket, (rank - below) / counts[bucket]);
            }

            below += counts[bucket];
        }

        return 0;
    }

    private static double Interpolate(int bucket, double part)
    {
        var lower = bucket == 0 ? 0 : LatencyHistogram.UpperBound(bucket - 1);
        var upper = LatencyHistogram.UpperBound(bucket);
        return Math.Round((lower + (upper - lower) * part) / 1000, 3);
    }
}
