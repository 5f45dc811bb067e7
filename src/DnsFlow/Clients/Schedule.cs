namespace DnsFlow.Clients;

/// <summary>A time of the week by the wall clock of a place. Immutable.</summary>
internal sealed class Schedule
{
    private readonly TimeSpan _from;
    private readonly TimeSpan _to;
    private readonly TimeZoneInfo _zone;
    private readonly int _days;

    /// <summary>Compiles options; <paramref name="local"/> is the zone unless they name one.</summary>
    public Schedule(ScheduleOptions options, TimeZoneInfo local)
    {
        (_from, _to, _zone) = (options.From, options.To, options.TimeZone ?? local);
        _days = options.Days.Count == 0 ? 0x7F : options.Days.SelectMany(static days => days).Aggregate(0, static (all, day) => all | 1 << (int)day);
    }

    /// <summary>Whether it is that time. What begins on a day and goes on after midnight belongs to that day.</summary>
    public bool IsActive(DateTimeOffset instant)
    {
        var local = TimeZoneInfo.ConvertTime(instant, _zone);
        var (day, time) = ((int)local.DayOfWeek, local.TimeOfDay);
        return _from < _to
            ? Has(day) && time >= _from && time < _to
            : (Has(day) && time >= _from) || (Has((day + 6) % 7) && time < _to);
    }

    private bool Has(int day) => (_days >> day & 1) != 0;
}
