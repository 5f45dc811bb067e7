using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams.Simulation;

/// <summary>A server as the network shows it: a round trip that varies, losses, times of silence, times of slowness, and bad answers.</summary>
internal sealed record SimulatedServer(Upstream Upstream)
{
    private const long Millisecond = 1_000;

    /// <summary>The round trip of a good moment, in microseconds.</summary>
    public required long RoundTrip { get; init; }

    /// <summary>How much it varies: the exponent's deviation of a log-normal distribution.</summary>
    public required double Jitter { get; init; }

    /// <summary>The share of packets that get lost.</summary>
    public required double Loss { get; init; }

    /// <summary>The share of questions answered SERVFAIL.</summary>
    public double Bad { get; init; }

    /// <summary>When it is silent.</summary>
    public (long From, long To) Dead { get; init; }

    /// <summary>When it takes ten times as long.</summary>
    public (long From, long To) Slow { get; init; }

    /// <summary>What happens to a question sent now: how long its answer takes and whether it is a good one; null = none comes.</summary>
    public (long After, bool IsGood)? Ask(long now, Random random)
    {
        // Always the same number of draws, so that the strategies meet the same weather.
        var (lost, bad, angle, radius) = (random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble());
        if (lost < Loss || IsWithin(Dead, now))
        {
            return null;
        }

        var normal = Math.Sqrt(-2 * Math.Log(1 - radius)) * Math.Cos(2 * Math.PI * angle);
        var time = (long)(RoundTrip * Math.Exp(Jitter * normal)) * (IsWithin(Slow, now) ? 10 : 1);
        return (Math.Max(Millisecond / 10, time), bad >= Bad);
    }

    private static bool IsWithin((long From, long To) span, long now) => now >= span.From && now < span.To;
}
