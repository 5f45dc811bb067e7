namespace DnsFlow.Clients;

/// <summary>A time of the week (<c>DnsFlow:Schedules:NAME</c>).</summary>
public sealed class ScheduleOptions
{
    /// <summary>The days on which it begins; all unless set.</summary>
    public IReadOnlyList<IReadOnlyList<DayOfWeek>> Days { get; set; } = [];

    /// <summary>When it begins, to the minute; midnight unless set.</summary>
    public TimeSpan From { get; set; } = TimeSpan.Zero;

    /// <summary>When it ends, to the minute; before <see cref="From"/> = on the next day. Midnight unless set.</summary>
    public TimeSpan To { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The time zone; null = that of the machine.</summary>
    public TimeZoneInfo? TimeZone { get; set; }
}
