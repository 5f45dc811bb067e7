using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DnsFlow.Service.Control;
using DnsFlow.Telemetry;

namespace DnsFlow.Service.Commands;

/// <summary><c>dnsflow zones</c>: shows the zones that a running proxy transfers from primaries. The exit code is 1 when one of them is not current.</summary>
internal static class ZonesCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(ControlFlags flags, ProgramContext context) => flags.Create("zones", "Show the transferred zones of the running proxy.", context, (_, proxy, cancellation)
        => proxy.AskAsync(HttpMethod.Get, "api/v1/zones", null, context, body => Tell(body, context), cancellation));

    private static int Tell(string body, ProgramContext context)
    {
        var zones = JsonSerializer.Deserialize(body, StatsJson.Default.IReadOnlyListZoneStats)!;
        if (zones.Count == 0)
        {
            context.Out.WriteLine("there are no transferred zones");
        }

        foreach (var zone in zones)
        {
            context.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{zone.Name}  {zone.Origin} {zone.State}, serial {zone.Serial?.ToString(CultureInfo.InvariantCulture) ?? "none"}, from {zone.Primary ?? "nobody yet"}, refreshed {At(zone.RefreshedAt)}, next {At(zone.NextRefreshAt, "now")}, expires {At(zone.ExpiresAt)}"));
            if (zone.Error is { } error)
            {
                context.Error.WriteLine($"dnsflow: zone '{zone.Name}': {error}");
            }
        }

        return zones.All(static zone => zone is { State: "current", Error: null }) ? ExitCode.Good : ExitCode.Negative;
    }

    private static string At(DateTimeOffset? time, string none = "never") =>
        time is { } at ? at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : none;
}
