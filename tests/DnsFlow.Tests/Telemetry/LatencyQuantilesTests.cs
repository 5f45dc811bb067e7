using DnsFlow.Telemetry;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Telemetry;

public class LatencyQuantilesTests
{
    [Fact]
    public void Of_NothingCounted_IsZero()
        => Assert.Equal(LatencyQuantiles.None, LatencyQuantiles.Of(new long[LatencyHistogram.Buckets]));

    [Fact]
    public void Quantile_AnyDurations_IsWithinAFifthOfTheTrueOne()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Durations, durations =>
        {
            var histogram = new LatencyHistogram(shared: false);
            Array.ForEach(durations, duration => histogram.Record(duration));
            var counts = new long[LatencyHistogram.Buckets];
            histogram.AddTo(counts);
            Array.Sort(durations);
            return ((double[])[0.5, 0.95, 0.99]).All(part => IsNear(LatencyQuantiles.Quantile(counts, part) * 1000, durations[Rank(part, durations.Length)]));
        }));

    private static Arbitrary<int[]> Durations => Gen.Choose(10, 60_000_000).NonEmptyListOf().Select(list => list.ToArray()).ToArbitrary();

    private static int Rank(double part, int count) => Math.Max(0, (int)Math.Ceiling(part * count) - 1);

    // A bucket is a quarter of a power of two wide, so at most a quarter of its lower bound.
    private static bool IsNear(double found, double exact) => found >= exact * 0.79 - 1 && found <= exact * 1.26 + 1;
}
