namespace DnsFlow.Telemetry;

/// <summary>One zone that is transferred from a primary.</summary>
public sealed record ZoneStats
{
    /// <summary>Its name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>Its apex.</summary>
    public required string Origin { get; init; }

    /// <summary>
    /// <c>current</c> = the last exchange was good; <c>stale</c> = the last one was not, or none has been yet, and the version from before is served; <c>expired</c> = no primary answered in
    /// time; <c>missing</c> = it was never transferred. Of the last two the names are answered with SERVFAIL.
    /// </summary>
    public required string State { get; init; }

    /// <summary>The version that is served; null when there is none.</summary>
    public uint? Serial { get; init; }

    /// <summary>When a primary last said that the version is good; null before the first time.</summary>
    public DateTimeOffset? RefreshedAt { get; init; }

    /// <summary>When a primary is asked next, if none calls before; null while one is asked.</summary>
    public DateTimeOffset? NextRefreshAt { get; init; }

    /// <summary>When the version expires without success; null when none is served.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The primary that answered last; null before the first time.</summary>
    public string? Primary { get; init; }

    /// <summary>Why the last exchange failed, or what was not done after it; null when all was well.</summary>
    public string? Error { get; init; }

    /// <summary>About how many octets of the memory for zones it takes.</summary>
    public long Bytes { get; init; }

    /// <summary>How many versions were refused because they did not fit into the memory for zones.</summary>
    public long Refused { get; init; }
}
