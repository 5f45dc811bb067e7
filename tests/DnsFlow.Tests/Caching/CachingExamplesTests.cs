using System.Text.RegularExpressions;
using DnsFlow.Tests.Repository;

namespace DnsFlow.Tests.Caching;

/// <summary>docs/caching.md: each configuration is loaded, and what the page says happens.</summary>
public sealed partial class CachingExamplesTests
{
    private static readonly string s_text = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "caching.md")).ReplaceLineEndings("\n");

    public static IEnumerable<object[]> Scenarios
        => Example().Matches(s_text).Select(static match => new object[] { match.Groups["json"].Value, match.Groups["lines"].Value });

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Example_Lines_HappenAsThePageSays(string json, string lines)
    {
        using var scenario = CacheScenario.Of(json.Trim()["\"Cache\": ".Length..]);
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await scenario.RunAsync(line);
        }

        Assert.Equal(0, scenario.Harness.Shard.InFlight);
    }

    [Fact]
    public void Page_EveryBlock_IsRun() => Assert.Equal(Regex.Count(s_text, "^```scenario", RegexOptions.Multiline), Scenarios.Count());

    [GeneratedRegex(@"^```jsonc\n(?<json>""Cache"":[^\n]*)\n```\n```scenario\n(?<lines>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();
}
