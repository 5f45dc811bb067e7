using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Server;

/// <summary>Rules that go by the time of the week, through the whole proxy.</summary>
public sealed class ScheduledRulesTests
{
    // The clock begins on Thursday 2026-01-01 at 00:00 UTC: 01:00 in Berlin, which is still Wednesday's night.
    [Fact]
    public async Task Rules_OverMidnightInAnotherZone_BeginAndEndToTheMinute()
    {
        var time = new ManualTimeProvider();
        await using var proxy = await ProxyHarness.StartAsync(
            """
            "Schedules": {
              "night": { "Days": "wed", "From": "23:30", "To": "01:02", "TimeZone": "Europe/Berlin" },
              "later": { "Days": "thu", "From": "01:03", "To": "01:04", "TimeZone": "Europe/Berlin" } },
            "QueryRules": [
              { "Name": "bedtime", "When": { "Schedules": ["night"] }, "Action": "refuse" },
              { "Name": "awake", "When": { "NotSchedules": ["later"] }, "Action": "answer", "Records": ["A 192.0.2.1"] },
              { "Name": "rest", "Action": "nxdomain" }]
            """,
            time);
        foreach (var expected in (ResponseCode[])[ResponseCode.Refused, ResponseCode.Refused, ResponseCode.NoError, ResponseCode.NXDomain, ResponseCode.NoError])
        {
            Assert.Equal(expected, await AskAsync(proxy));
            time.Advance(TimeSpan.FromSeconds(59));
            Assert.Equal(expected, await AskAsync(proxy));
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task<ResponseCode> AskAsync(ProxyHarness proxy) => Wire.Header(await proxy.AskAsync(Wire.Query("www.example"))).ResponseCode;
}
