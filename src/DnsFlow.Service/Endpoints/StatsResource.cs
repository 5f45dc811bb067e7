using DnsFlow.Server;
using DnsFlow.Telemetry;

namespace DnsFlow.Service.Endpoints;

/// <summary>Statistics, metrics and probes.</summary>
internal sealed class StatsResource(IProxyServer server, StatsOptions options) : IHttpResource
{
    /// <inheritdoc/>
    public IEnumerable<HttpRoute> Routes =>
    [
        new("GET", "/stats", Stats),
        new("GET", "/api/v1/stats", Stats),
        new("GET", "/api/v1/upstreams", Upstreams),
        new("GET", "/api/v1/zones", Zones),
        new("GET", "/health", Health) { IsOpen = true },
        new("GET", "/ready", Ready),
        .. options.Prometheus ? [new HttpRoute("GET", "/metrics", Metrics)] : Array.Empty<HttpRoute>(),
    ];

    private Task Stats(HttpContext context) => HttpResponses.JsonAsync(context, server.Snapshot(), StatsJson.Default.StatsSnapshot);

    private Task Upstreams(HttpContext context)
        => HttpResponses.JsonAsync(context, server.Snapshot().Upstreams, StatsJson.Default.IReadOnlyListUpstreamStats);

    private Task Zones(HttpContext context) => HttpResponses.JsonAsync(context, server.Snapshot().Zones, StatsJson.Default.IReadOnlyListZoneStats);

    private Task Metrics(HttpContext context) => HttpResponses.TextAsync(context, PrometheusText.Write(server.Snapshot()), PrometheusText.ContentType);

    private static Task Health(HttpContext context) => HttpResponses.TextAsync(context, "ok\n", "text/plain; charset=utf-8");

    private Task Ready(HttpContext context)
    {
        var report = server.Readiness();
        return report.IsReady
            ? HttpResponses.JsonAsync(context, new ReadyDocument("ready"), HttpJson.Default.ReadyDocument)
            : HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status503ServiceUnavailable, "Not ready.") with { Missing = report.Missing });
    }
}
