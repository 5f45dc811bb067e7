using System.Globalization;
using DnsFlow.Clients;
using DnsFlow.Limits;
using DnsFlow.TestKit;
using DnsFlow.Tests.Settings;

namespace DnsFlow.Tests.Clients;

public sealed class ScheduleTests
{
    // 2026-01-01 is a Thursday.
    [Theory]
    [InlineData("""{ "Days": "mon-fri", "From": "21:00", "To": "06:30", "TimeZone": "UTC" }""", "2026-01-01T21:00:00Z", true)]
    [InlineData("""{ "Days": "mon-fri", "From": "21:00", "To": "06:30", "TimeZone": "UTC" }""", "2026-01-01T20:59:59Z", false)]
    [InlineData("""{ "Days": "mon-fri", "From": "21:00", "To": "06:30", "TimeZone": "UTC" }""", "2026-01-03T06:29:59Z", true)]
    [InlineData("""{ "Days": "mon-fri", "From": "21:00", "To": "06:30", "TimeZone": "UTC" }""", "2026-01-03T06:30:00Z", false)]
    [InlineData("""{ "Days": "mon-fri", "From": "21:00", "To": "06:30", "TimeZone": "UTC" }""", "2026-01-03T21:30:00Z", false)]
    [InlineData("""{ "Days": "mon-fri", "From": "21:00", "To": "06:30", "TimeZone": "UTC" }""", "2026-01-05T01:00:00Z", false)]
    [InlineData("""{ "Days": ["sat", "sun"], "TimeZone": "UTC" }""", "2026-01-03T00:00:00Z", true)]
    [InlineData("""{ "Days": ["sat", "sun"], "TimeZone": "UTC" }""", "2026-01-05T00:00:00Z", false)]
    [InlineData("""{ "Days": "fri-mon", "From": "8:00", "To": "24:00", "TimeZone": "UTC" }""", "2026-01-04T23:59:59Z", true)]
    [InlineData("""{ "Days": "fri-mon", "From": "8:00", "To": "24:00", "TimeZone": "UTC" }""", "2026-01-06T09:00:00Z", false)]
    [InlineData("""{ "From": "12:00", "To": "13:00", "TimeZone": "Europe/Berlin" }""", "2026-01-01T11:30:00Z", true)]
    [InlineData("""{ "From": "12:00", "To": "13:00", "TimeZone": "Europe/Berlin" }""", "2026-07-01T11:30:00Z", false)]
    [InlineData("""{ "From": "12:00", "To": "13:00", "TimeZone": "Europe/Berlin" }""", "2026-07-01T10:30:00Z", true)]
    // The night in which clocks go forward is short, that in which they go back is long.
    [InlineData("""{ "Days": "sat", "From": "21:00", "To": "06:30", "TimeZone": "Europe/Berlin" }""", "2026-03-28T20:00:00Z", true)]
    [InlineData("""{ "Days": "sat", "From": "21:00", "To": "06:30", "TimeZone": "Europe/Berlin" }""", "2026-03-28T19:59:59Z", false)]
    [InlineData("""{ "Days": "sat", "From": "21:00", "To": "06:30", "TimeZone": "Europe/Berlin" }""", "2026-03-29T04:29:59Z", true)]
    [InlineData("""{ "Days": "sat", "From": "21:00", "To": "06:30", "TimeZone": "Europe/Berlin" }""", "2026-03-29T04:30:00Z", false)]
    [InlineData("""{ "Days": "sat", "From": "21:00", "To": "06:30", "TimeZone": "Europe/Berlin" }""", "2026-10-24T19:00:00Z", true)]
    [InlineData("""{ "Days": "sat", "From": "21:00", "To": "06:30", "TimeZone": "Europe/Berlin" }""", "2026-10-25T05:29:59Z", true)]
    [InlineData("""{ "Days": "sat", "From": "21:00", "To": "06:30", "TimeZone": "Europe/Berlin" }""", "2026-10-25T05:30:00Z", false)]
    // The hour that there is not: what would begin in it begins behind it, and what lies in it is left out.
    [InlineData("""{ "From": "02:30", "To": "03:30", "TimeZone": "Europe/Berlin" }""", "2026-03-29T00:59:59Z", false)]
    [InlineData("""{ "From": "02:30", "To": "03:30", "TimeZone": "Europe/Berlin" }""", "2026-03-29T01:00:00Z", true)]
    [InlineData("""{ "From": "02:30", "To": "03:30", "TimeZone": "Europe/Berlin" }""", "2026-03-29T01:30:00Z", false)]
    [InlineData("""{ "From": "02:15", "To": "02:45", "TimeZone": "Europe/Berlin" }""", "2026-03-29T00:59:59Z", false)]
    [InlineData("""{ "From": "02:15", "To": "02:45", "TimeZone": "Europe/Berlin" }""", "2026-03-29T01:00:00Z", false)]
    // The hour that there is twice.
    [InlineData("""{ "From": "02:15", "To": "02:45", "TimeZone": "Europe/Berlin" }""", "2026-10-25T00:30:00Z", true)]
    [InlineData("""{ "From": "02:15", "To": "02:45", "TimeZone": "Europe/Berlin" }""", "2026-10-25T00:50:00Z", false)]
    [InlineData("""{ "From": "02:15", "To": "02:45", "TimeZone": "Europe/Berlin" }""", "2026-10-25T01:30:00Z", true)]
    [InlineData("""{ "From": "02:15", "To": "02:45", "TimeZone": "Europe/Berlin" }""", "2026-10-25T01:45:00Z", false)]
    // South of the equator it is the other way round, and half an hour on Lord Howe Island.
    [InlineData("""{ "From": "01:45", "To": "02:00", "TimeZone": "Australia/Lord_Howe" }""", "2026-04-04T14:50:00Z", true)]
    [InlineData("""{ "From": "01:45", "To": "02:00", "TimeZone": "Australia/Lord_Howe" }""", "2026-04-04T15:05:00Z", false)]
    [InlineData("""{ "From": "01:45", "To": "02:00", "TimeZone": "Australia/Lord_Howe" }""", "2026-04-04T15:20:00Z", true)]
    public void IsActive_WallClockOfThePlace_Decides(string options, string time, bool expected) =>
        Assert.Equal(expected, new Schedule(Read(options), TimeZoneInfo.Utc).IsActive(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("""{ "Days": "mon-" }""", "'mon-' is not a day of the week; allowed: mon, tue, wed, thu, fri, sat, sun, or days in a row such as mon-fri")]
    [InlineData("""{ "From": "25:00" }""", "'25:00' is not a time of day; allowed: 00:00 to 24:00")]
    [InlineData("""{ "TimeZone": "Mars/Olympus" }""", "'Mars/Olympus' is not a time zone; allowed: a name of the time zone database, such as Europe/Berlin or UTC")]
    public void Read_Wrong_SaysWhatIsAllowed(string options, string message) =>
        Assert.Equal(message, Assert.Single(SettingsText.Read(ScheduleSettings.Shape, new ScheduleOptions(), $$"""{ "DnsFlow": {{options}} }""")).Message);

    [Fact]
    public void Active_BetweenMinutes_LooksAtTheClockOnce_AndAtTheBoundaryAgain()
    {
        var time = new ManualTimeProvider();
        var clock = new MonotonicClock(time);
        var schedules = new ScheduleClock(
            new Dictionary<string, ScheduleOptions> { ["first"] = Read("""{ "From": "00:00", "To": "00:01" }"""), ["second"] = Read("""{ "From": "00:01", "To": "00:02" }""") }, clock);
        Assert.Equal(1UL, schedules.Active(clock.Now));
        time.Advance(TimeSpan.FromSeconds(59.999));
        Assert.Equal(1UL, schedules.Active(clock.Now));
        time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal(2UL, schedules.Active(clock.Now));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0UL, schedules.ActiveNow());
    }

    private static ScheduleOptions Read(string options)
    {
        var read = new ScheduleOptions();
        Assert.Empty(SettingsText.Read(ScheduleSettings.Shape, read, $$"""{ "DnsFlow": {{options}} }"""));
        return read;
    }
}
