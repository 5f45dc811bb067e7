namespace DnsFlow.Service.Replaying;

/// <summary>What a replay came to.</summary>
internal sealed record ReplayResult
{
    /// <summary>Queries decided.</summary>
    public required long Queries { get; init; }

    /// <summary>Those for which both configurations do the same.</summary>
    public required long Unchanged { get; init; }

    /// <summary>Those for which they do not.</summary>
    public required long Differ { get; init; }

    /// <summary>The differences, the largest first.</summary>
    public required IReadOnlyList<ReplayGroup> Groups { get; init; }

    /// <summary>Differences beyond the number of groups that are kept apart.</summary>
    public required long Others { get; init; }

    /// <summary>What of the capture was left out, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Skipped { get; init; }

    /// <summary>Why reading ended early; null when it did not.</summary>
    public string? Problem { get; init; }
}
