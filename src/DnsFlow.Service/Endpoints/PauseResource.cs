using System.Net;
using DnsFlow.Server;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Service.Endpoints;

/// <summary>Lists and rules that do not match for a while, because somebody wants it so.</summary>
internal sealed class PauseResource(IProxyServer server) : IHttpResource
{
    private static readonly SettingsKind<TimeSpan> s_time = SettingsKinds.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));

    /// <inheritdoc/>
    public IEnumerable<HttpRoute> Routes =>
    [
        new("GET", "/api/v1/pause", Show),
        new("POST", "/api/v1/pause", Begin),
        new("DELETE", "/api/v1/pause", End),
    ];

    private Task Show(HttpContext context) => HttpResponses.JsonAsync(context, server.Pauses, StatsJson.Default.IReadOnlyListPauseStats);

    private Task Begin(HttpContext context)
    {
        var problem = Read(context, out var name, out var client);
        if (problem is null && s_time.TryParse(context.Request.Query["for"].ToString(), out var time, out problem))
        {
            problem = server.Pause(name, client, time);
        }

        return problem is null ? Show(context) : HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status400BadRequest, problem));
    }

    private Task End(HttpContext context) =>
        Read(context, out var name, out var client) is { } problem ? HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status400BadRequest, problem))
        : server.EndPause(name, client) ? Show(context)
        : HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status404NotFound, $"'{name}' is not paused for {client?.ToString() ?? "everybody"}"));

    private static string? Read(HttpContext context, out string name, out IPAddress? client)
    {
        client = null;
        name = context.Request.Query["name"].ToString();
        var address = context.Request.Query["client"].ToString();
        return name.Length == 0 ? "'name' is missing: the name of a list or rule"
            : address.Length > 0 && !IPAddress.TryParse(address, out client) ? $"'{address}' is not an address"
            : null;
    }
}
