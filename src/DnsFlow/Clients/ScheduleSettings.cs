using System.Globalization;
using DnsFlow.Settings;

namespace DnsFlow.Clients;

/// <summary>How schedules are read.</summary>
internal static class ScheduleSettings
{
    private static readonly string[] s_days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private static readonly SettingsKind<IReadOnlyList<DayOfWeek>> Days = new(
        "a day of the week", "mon, tue, wed, thu, fri, sat, sun, or days in a row such as mon-fri", TryParseDays);

    private static readonly SettingsKind<TimeSpan> TimeOfDay = new("a time of day", "00:00 to 24:00", TryParseTime);

    private static readonly SettingsKind<TimeZoneInfo> Zone = new(
        "a time zone", "a name of the time zone database, such as Europe/Berlin or UTC",
        static (string text, out TimeZoneInfo zone) => TimeZoneInfo.TryFindSystemTimeZoneById(text, out zone!));

    /// <summary>The keys of <c>DnsFlow:Schedules:NAME</c>.</summary>
    public static SettingsShape<ScheduleOptions> Shape { get; } = new SettingsShape<ScheduleOptions>("A time of the week.")
        .List("Days", Days, static (o, v) => o.Days = v, "The days on which it begins; all unless set.")
        .Value("From", TimeOfDay, static (o, v) => o.From = v, "When it begins.")
        .Value("To", TimeOfDay, static (o, v) => o.To = v, "When it ends; before From = on the next day.")
        .Value("TimeZone", Zone, static (o, v) => o.TimeZone = v, "The time zone; that of the machine unless set.");

    private static bool TryParseDays(string text, out IReadOnlyList<DayOfWeek> days)
    {
        var parts = text.ToLowerInvariant().Split('-', StringSplitOptions.TrimEntries);
        var (first, last) = (Array.IndexOf(s_days, parts[0]), Array.IndexOf(s_days, parts[^1]));
        days = first < 0 || last < 0 ? [] : [.. Enumerable.Range(0, ((last - first + 7) % 7) + 1).Select(i => (DayOfWeek)((first + i) % 7))];
        return days.Count > 0 && parts.Length <= 2;
    }

    private static bool TryParseTime(string text, out TimeSpan time)
    {
        if (text == "24:00")
        {
            time = TimeSpan.FromDays(1);
            return true;
        }

        return TimeSpan.TryParseExact(text, ["hh\\:mm", "h\\:mm"], CultureInfo.InvariantCulture, out time);
    }
}
