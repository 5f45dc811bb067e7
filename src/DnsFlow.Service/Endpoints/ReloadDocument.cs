using DnsFlow.Server.Plans;

namespace DnsFlow.Service.Endpoints;

/// <summary>How a reload ended, or what one would do.</summary>
/// <param name="Generation">The number of the configuration in force.</param>
/// <param name="Changes">The differences, one line each.</param>
/// <param name="Listeners">Addresses that come (<c>+</c>) and go (<c>-</c>).</param>
/// <param name="ForgottenGroups">Upstream groups whose cached responses are not used any more.</param>
/// <param name="NeedsRestart">Whether some of the changes wait for the next start.</param>
internal sealed record ReloadDocument(
    int Generation, IReadOnlyList<string> Changes, IReadOnlyList<string> Listeners, IReadOnlyList<string> ForgottenGroups, bool NeedsRestart)
{
    /// <summary>The document of a report without errors.</summary>
    public static ReloadDocument Of(ReloadReport report) => new(
        report.Generation, [.. report.Changes.Select(static change => change.ToString())], report.Listeners, report.ForgottenGroups,
        report.Changes.Any(static change => change.NeedsRestart));

    /// <summary>The lines for people.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (var change in Changes)
        {
            yield return change;
        }

        foreach (var listener in Listeners)
        {
            yield return listener[..2] + "listener " + listener[2..];
        }

        yield return $"{(Changes.Count == 0 ? "nothing differs" : Changes.Count == 1 ? "1 difference" : $"{Changes.Count} differences")}, "
            + $"{(Listeners.Count == 0 ? "no listener restarts" : $"{Listeners.Count} sockets change")}, "
            + $"{(ForgottenGroups.Count == 0 ? "cache kept" : "cache not used for " + string.Join(", ", ForgottenGroups))}"
            + $"{(NeedsRestart ? ", some wait for the next start" : "")}";
    }
}
