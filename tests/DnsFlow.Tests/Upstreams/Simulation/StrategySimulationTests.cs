using System.Globalization;
using DnsFlow.Tests.Repository;
using DnsFlow.Upstreams;
using Xunit.Abstractions;

namespace DnsFlow.Tests.Upstreams.Simulation;

/// <summary>All strategies over a hundred groups in the same weather; what comes out is the table of docs/upstreams.md.</summary>
public class StrategySimulationTests(ITestOutputHelper output)
{
    private const int Profiles = 100, Questions = 1_000;
    private const long Interval = 10_000;

    private static readonly Lazy<Dictionary<string, Row>> s_rows = new(() => UpstreamStrategies.Names.ToDictionary(name => name, Simulate));

    [Fact]
    public void Table_OfTheManual_IsWhatTheSimulationSays()
    {
        var table = string.Join('\n', s_rows.Value.Select(row => row.Value.ToString(row.Key)));
        output.WriteLine(table);
        Assert.Contains(table, File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "upstreams.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Hedged_ExtraPackets_StayWithinTheBudget()
    {
        // Hedges are bounded by 5 %; retries after losses come on top, as for everybody.
        var rows = s_rows.Value;
        Assert.InRange(rows["hedged"].Extra - rows["fastest"].Extra, 0, 0.05);
        Assert.True(rows["hedged"].P99 < rows["fastest"].P99);
    }

    [Fact]
    public void Strategies_WithAnotherServerAlive_FailNearlyNever()
        => Assert.All(s_rows.Value, row => Assert.True(row.Value.Failed < 0.001, $"{row.Key}: {row.Value.Failed}"));

    private static Row Simulate(string strategy)
    {
        var runs = Enumerable.Range(0, Profiles).Select(profile => new StrategySimulation(strategy, profile, Questions, Interval)).ToList();
        var latencies = runs.SelectMany(run => run.Latencies).Order().ToList();
        Assert.Equal(Profiles * Questions, latencies.Count);
        return new Row(
            latencies[latencies.Count / 2] / 1_000.0,
            latencies[latencies.Count * 99 / 100] / 1_000.0,
            (runs.Sum(run => run.Packets) / (double)latencies.Count) - 1,
            runs.Sum(run => run.Failures) / (double)latencies.Count);
    }

    private sealed record Row(double P50, double P99, double Extra, double Failed)
    {
        public string ToString(string name)
            => string.Create(CultureInfo.InvariantCulture, $"| `{name}` | {P50:0.0} | {P99:0} | {Extra * 100:0.0} % | {Failed * 100:0.00} % |");
    }
}
