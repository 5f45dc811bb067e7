namespace DnsFlow.Telemetry;

/// <summary>One list of names.</summary>
public sealed record ListStats
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How many entries are in force.</summary>
    public int Entries { get; init; }

    /// <summary>When it was read, or last found unchanged; null before the first time.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Why the last attempt to read it failed; null when it did not.</summary>
    public string? Error { get; init; }
}
