using System.Globalization;
using System.Text;
using DnsFlow.Telemetry;

namespace DnsFlow.Service.Commands;

/// <summary>A snapshot as a table for people.</summary>
internal static class StatsTable
{
    private const int NameWidth = 14;

    /// <summary>Formats it, one line per subject; counts of 0 are left out where there are many.</summary>
    public static string Format(StatsSnapshot stats)
    {
        var table = new StringBuilder();
        Row(table, "dnsflow", $"{stats.Version}, up {Duration(stats.UptimeSeconds)}, configuration {stats.Generation}");
        Row(table, "flows", $"{Number(stats.Flows.Open)} open, {Number(stats.Flows.Opened)} opened{Parts(stats.Flows.ByTransport)}");
        Row(table, "queries", $"{Number(stats.Queries.Total)} in all, {Number(stats.Queries.InFlight)} in flight");
        Row(table, "  outcome", Listed(stats.Queries.ByOutcome));
        Row(table, "  response", Listed(stats.Queries.ByRcode));
        Row(table, "  type", Listed(stats.Queries.ByType));
        Row(table, "latency", Quantiles(stats.Queries.LatencyMs.Total));
        Row(table, "  upstream", Quantiles(stats.Queries.LatencyMs.Upstream));
        foreach (var row in stats.Upstreams)
        {
            Row(table, "upstream", $"{row.Group} {row.Server} {row.State}: {Number(row.Sent)} sent, {Number(row.Answered)} answered, "
                + $"{Number(row.Timeouts)} timed out, {Number(row.Errors)} failed, {Number(row.Outstanding)} waiting; {Quantiles(row.RttMs)}");
        }

        Row(table, "cache", $"{Number(stats.Cache.Entries)} entries, {Bytes(stats.Cache.Bytes)} of {Bytes(stats.Cache.MaxBytes)}, "
            + $"{Number(stats.Cache.Hits)} hits, {Number(stats.Cache.Misses)} misses, {Number(stats.Cache.Prefetches)} prefetched");
        foreach (var pause in stats.Pauses)
        {
            Row(table, "paused", $"{pause.Name}{(pause.Client is null ? "" : $" for {pause.Client}")} until {pause.Until.ToUniversalTime():yyyy-MM-dd HH:mm:ss'Z'}");
        }

        Row(table, "memory", $"{Bytes(stats.Limits.Memory.UsedBytes)} of {Bytes(stats.Limits.Memory.MaxBytes)}");
        Row(table, "shed", Listed(stats.Limits.Shed));
        Row(table, "ignored", Listed(stats.Ignored));
        return table.ToString();
    }

    private static void Row(StringBuilder table, string name, string value) => table.Append(name.PadRight(NameWidth)).Append(value).Append('\n');

    private static string Listed(IReadOnlyDictionary<string, long> counts)
        => counts.Where(pair => pair.Value != 0).OrderByDescending(pair => pair.Value).ToList() is { Count: > 0 } shown
            ? string.Join(", ", shown.Select(pair => $"{pair.Key} {Number(pair.Value)}")) : "none";

    private static string Parts(IReadOnlyDictionary<string, long> counts)
        => counts.Values.Any(count => count != 0) ? $" ({Listed(counts)})" : "";

    private static string Quantiles(LatencyQuantiles ms)
        => string.Create(CultureInfo.InvariantCulture, $"p50 {ms.P50:0.0##} ms, p95 {ms.P95:0.0##} ms, p99 {ms.P99:0.0##} ms");

    private static string Number(long value) => value.ToString("#,0", Spaced);

    private static readonly NumberFormatInfo Spaced = new() { NumberGroupSeparator = " " };

    private static string Bytes(long bytes) => bytes switch
    {
        < 1 << 10 => $"{bytes} B",
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        < 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.#} GiB"),
    };

    private static string Duration(long seconds)
        => seconds < 60 ? $"{seconds} s"
            : seconds < 3600 ? $"{seconds / 60} min {seconds % 60} s"
            : seconds < 86400 ? $"{seconds / 3600} h {seconds / 60 % 60} min"
            : $"{seconds / 86400} d {seconds / 3600 % 24} h";
}
