using DnsFlow.Settings;

namespace DnsFlow.Server.Plans;

/// <summary>How a reload ended, or what one would do.</summary>
public sealed record ReloadReport
{
    /// <summary>Whether the configuration is in force now (or, when it was only judged, could be); false: nothing has changed.</summary>
    public bool IsApplied => Errors.Count == 0;

    /// <summary>The number of the configuration in force.</summary>
    public int Generation { get; init; }

    /// <summary>Everything that is wrong, one line each.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>How it differs from the configuration before.</summary>
    public IReadOnlyList<SettingsChange> Changes { get; init; } = [];

    /// <summary>Addresses that are listened on newly or no more, for people: <c>+ 127.0.0.1:5353</c>.</summary>
    public IReadOnlyList<string> Listeners { get; init; } = [];

    /// <summary>The upstream groups whose cached responses are not used any more, because their servers changed.</summary>
    public IReadOnlyList<string> ForgottenGroups { get; init; } = [];

    /// <summary>Makes the report of a refusal.</summary>
    public static ReloadReport Refused(int generation, params IReadOnlyList<string> errors) => new() { Generation = generation, Errors = errors };
}
