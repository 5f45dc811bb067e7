using DnsFlow.Server.Plans;

namespace DnsFlow.Server;

/// <summary>Which configuration is in force, and how the last attempt to change it ended.</summary>
public sealed record ConfigurationStatus
{
    /// <summary>The number of the configuration in force; 1 at the start, one more after each reload.</summary>
    public int Generation { get; init; }

    /// <summary>Since when it is in force, UTC.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Reloads that were applied.</summary>
    public long Applied { get; init; }

    /// <summary>Reloads that were refused.</summary>
    public long Refused { get; init; }

    /// <summary>When the last reload was tried, UTC; null = none was.</summary>
    public DateTimeOffset? LastAttempt { get; init; }

    /// <summary>Who asked for it.</summary>
    public string? LastCause { get; init; }

    /// <summary>Why it was refused, one line each; empty when it was applied. While there are any, the configuration before it is in force.</summary>
    public IReadOnlyList<string> LastErrors { get; init; } = [];

    /// <summary>Keys whose new values take effect at the next start only.</summary>
    public IReadOnlyList<string> NeedsRestart { get; init; } = [];

    /// <summary>The status after one more attempt.</summary>
    internal ConfigurationStatus After(ReloadReport report, string cause, DateTimeOffset now) => report.IsApplied
        ? new()
        {
            Generation = report.Generation,
            Since = now,
            Applied = Applied + 1,
            Refused = Refused,
            LastAttempt = now,
            LastCause = cause,
            NeedsRestart = [.. report.Changes.Where(static change => change.NeedsRestart).Select(static change => change.Key.Length == 0 ? change.Subject : $"{change.Subject}:{change.Key}")],
        }
        : this with { Refused = Refused + 1, LastAttempt = now, LastCause = cause, LastErrors = report.Errors };
}
