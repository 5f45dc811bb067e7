using DnsFlow.Protocol;
using DnsFlow.Telemetry;

namespace DnsFlow.Zones.Transfer;

/// <summary>How a transferred zone is at one moment. Immutable: replaced by the zone's task, read by anybody.</summary>
/// <param name="Zone">The version that is served; null = none.</param>
/// <param name="RefreshedAt">When a primary last said that it is good; null = never.</param>
/// <param name="NextRefreshAt">When a primary is asked next; null = one is being asked.</param>
/// <param name="Primary">Who answered last.</param>
/// <param name="Error">Why the last exchange failed.</param>
/// <param name="Refused">How many versions did not fit into the memory for zones.</param>
/// <param name="IsGood">Whether the last exchange was good.</param>
internal sealed record ZoneStatus(Zone? Zone, DateTimeOffset? RefreshedAt, DateTimeOffset? NextRefreshAt, string? Primary, string? Error, long Refused, bool IsGood)
{
    /// <summary>For people.</summary>
    public ZoneStats Report(SecondarySettings settings)
    {
        var timers = Zone is null ? ZoneTimers.None : ZoneTimers.Of(Zone.Negative.FirstData);
        return new ZoneStats
        {
            Name = settings.Name,
            Origin = NameText.Print(settings.Apex),
            State = Zone is null ? (RefreshedAt is null ? "missing" : "expired") : IsGood ? "current" : "stale",
            Serial = Zone is null ? null : timers.Serial,
            RefreshedAt = RefreshedAt,
            NextRefreshAt = NextRefreshAt,
            ExpiresAt = Zone is null ? null : RefreshedAt + timers.Expire,
            Primary = Primary,
            Error = Error,
            Bytes = Zone?.Bytes ?? 0,
            Refused = Refused,
        };
    }
}
