using System.Collections.Frozen;
using DnsFlow.Server;
using DnsFlow.Service.Commands;
using DnsFlow.Telemetry;

namespace DnsFlow.Service.Endpoints;

/// <summary>The HTTP interface: statistics, metrics and probes, all for reading.</summary>
internal sealed partial class HttpInterface
{
    private readonly IProxyServer _server;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FrozenDictionary<string, RequestDelegate> _paths;

    /// <summary>Makes the interface over <paramref name="server"/>.</summary>
    public HttpInterface(IProxyServer server, StatsOptions options, TimeProvider time, ILogger<HttpInterface> logger)
    {
        (_server, _time, _logger) = (server, time, logger);
        var paths = new Dictionary<string, RequestDelegate>
        {
            ["/stats"] = Stats,
            ["/api/v1/stats"] = Stats,
            ["/api/v1/explain"] = Explain,
            ["/health"] = Health,
            ["/ready"] = Ready,
        };
        if (options.Prometheus)
        {
            paths["/metrics"] = Metrics;
        }

        _paths = paths.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Answers one request. Whatever goes wrong ends here.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        using var deadline = new CancellationTokenSource(HttpServerSetup.RequestTimeout, _time);
        await using var registration = deadline.Token.UnsafeRegister(static state => ((HttpContext)state!).Abort(), context);
        HttpResponses.Secure(context.Response);
        try
        {
            await RouteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away, or took longer than a request may.
        }
        catch (Exception exception)
        {
            Log.RequestFailed(_logger, context.Request.Path.Value ?? "", exception);
            await FailAsync(context);
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        if (RequestGuard.Judge(context.Request) is { } refusal)
        {
            return HttpResponses.ProblemAsync(context, refusal);
        }

        if (!_paths.TryGetValue(context.Request.Path.Value ?? "", out var handler))
        {
            return HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status404NotFound, "There are " + string.Join(", ", _paths.Keys.Order()) + "."));
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status405MethodNotAllowed, "This is for reading: GET and HEAD."));
        }

        return handler(context);
    }

    private Task Stats(HttpContext context) => HttpResponses.JsonAsync(context, _server.Snapshot(), StatsJson.Default.StatsSnapshot);

    private Task Explain(HttpContext context)
    {
        var query = context.Request.Query;
        var arguments = new ExplainArguments
        {
            Name = query["name"], Type = query["type"], Client = query["client"], Listener = query["listener"], Transport = query["transport"], At = query["at"],
        };
        var listeners = _server.Describe().Listeners.Select(static listener => listener.Name).Distinct().ToList();
        return !arguments.TryRead(_time, listeners, out var question, out var error)
            ? HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status400BadRequest, error))
            : _server.Explain(question) is { } explanation
            ? HttpResponses.JsonAsync(context, explanation, HttpJson.Default.Explanation)
            : HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status503ServiceUnavailable, "The proxy is not running."));
    }

    private Task Metrics(HttpContext context) => HttpResponses.TextAsync(context, PrometheusText.Write(_server.Snapshot()), PrometheusText.ContentType);

    private Task Health(HttpContext context) => HttpResponses.TextAsync(context, "ok\n", "text/plain; charset=utf-8");

    private Task Ready(HttpContext context)
    {
        var report = _server.Readiness();
        return report.IsReady
            ? HttpResponses.JsonAsync(context, new ReadyDocument("ready"), HttpJson.Default.ReadyDocument)
            : HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status503ServiceUnavailable, "Not ready.") with { Missing = report.Missing });
    }

    private static async Task FailAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        await HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status500InternalServerError, "The log has the reason."));
    }

    private static partial class Log
    {
        [LoggerMessage(901, LogLevel.Error, "The HTTP request for {Path} failed.")]
        public static partial void RequestFailed(ILogger logger, string path, Exception exception);
    }
}
