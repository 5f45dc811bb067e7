namespace DnsFlow.Service.Endpoints;

/// <summary>The HTTP interface: finds who answers a request, after the guard has let it pass.</summary>
internal sealed partial class HttpInterface
{
    private static readonly string[] s_reading = ["GET", "HEAD"];

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RequestGuard _guard;
    private readonly HttpRoute[] _routes;

    /// <summary>Makes the interface over its parts.</summary>
    public HttpInterface(IEnumerable<IHttpResource> resources, HttpAccess access, TimeProvider time, ILogger<HttpInterface> logger)
    {
        (_time, _logger) = (time, logger);
        _guard = new RequestGuard(access, time);
        _routes = [.. resources.SelectMany(static resource => resource.Routes)];
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
        catch (BadHttpRequestException exception)
        {
            await FailAsync(context, ProblemDocument.Of(exception.StatusCode, exception.Message));
        }
        catch (Exception exception)
        {
            Log.RequestFailed(_logger, context.Request.Path.Value ?? "", exception);
            await FailAsync(context, ProblemDocument.Of(StatusCodes.Status500InternalServerError, "The log has the reason."));
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var here = Array.FindAll(_routes, route => route.Covers(path));
        var route = Array.Find(here, route => route.Takes(context.Request.Method));
        if (_guard.Judge(context, route ?? here.FirstOrDefault()) is { } refusal)
        {
            return HttpResponses.ProblemAsync(context, refusal);
        }

        if (here.Length == 0)
        {
            return HttpResponses.ProblemAsync(context, ProblemDocument.Of(
                StatusCodes.Status404NotFound, "There are " + string.Join(", ", _routes.Select(static known => known.Path).Distinct().Order()) + "."));
        }

        if (route is null)
        {
            var allowed = string.Join(", ", here.SelectMany(static known => known.HasEffect ? [known.Method] : s_reading).Distinct());
            context.Response.Headers.Allow = allowed;
            return HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status405MethodNotAllowed, $"Here is allowed: {allowed}."));
        }

        return route.Handler(context);
    }

    private static async Task FailAsync(HttpContext context, ProblemDocument problem)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        await HttpResponses.ProblemAsync(context, problem);
    }

    private static partial class Log
    {
        [LoggerMessage(901, LogLevel.Error, "The HTTP request for {Path} failed.")]
        public static partial void RequestFailed(ILogger logger, string path, Exception exception);
    }
}
