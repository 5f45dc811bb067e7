using DnsFlow.Clients;
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
        var problem = Read(context, out var name, out var clients);
        if (problem is null && s_time.TryParse(context.Request.Query["for"].ToString(), out var time, out problem))
        {
            problem = server.Pause(name, clients, time);
        }

        return problem is null ? Show(context) : HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status400BadRequest, problem));
    }

    private Task End(HttpContext context) =>
        Read(context, out var name, out var clients) is { } problem ? HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status400BadRequest, problem))
        : server.EndPause(name, clients) ? Show(context)
        : HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status404NotFound, $"'{name}' is not paused for {clients?.ToString() ?? "everybody"}"));

    private static string? Read(HttpContext context, out string name, out ClientReference? clients)
    {
        clients = null;
        name = context.Request.Query["name"].ToString();
        if (name.Length == 0)
        {
            return "'name' is missing: the name of a list or rule";
        }

        var text = context.Request.Query["client"].ToString();
        if (text.Length > 0)
        {
            if (!ClientReference.TryParse(text, out var reference, out var problem))
            {
                return $"client '{text}': {problem}";
            }

            clients = reference;
        }

        return null;
    }
}
