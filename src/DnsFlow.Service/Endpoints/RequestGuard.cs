using System.Net;

namespace DnsFlow.Service.Endpoints;

/// <summary>
/// Lets only requests pass that were meant for us and are allowed: a page of another origin must not read statistics, neither with its own name in
/// <c>Host</c> (DNS rebinding) nor across origins; what changes something needs the control socket or the token; over a network everything does but
/// <c>/health</c>.
/// </summary>
internal sealed class RequestGuard(HttpAccess access, TimeProvider time)
{
    private readonly FailureLimit _failures = new(time);

    /// <summary>Why a request is refused; null when it may pass.</summary>
    public ProblemDocument? Judge(HttpContext context, HttpRoute? route)
    {
        var request = context.Request;
        var isControl = ControlConnection.Carries(context);
        if (!isControl && !IsKnown(request.Host.Host, context.Connection.LocalIpAddress))
        {
            return ProblemDocument.Of(StatusCodes.Status421MisdirectedRequest, "The host name of the request is not one of this machine's addresses.");
        }

        if (IsForeign(request))
        {
            return ProblemDocument.Of(StatusCodes.Status403Forbidden, "Requests from pages of another origin are refused.");
        }

        return isControl || route is { IsOpen: true } || (IsLocal(context) && route is not { HasEffect: true }) ? null : JudgeToken(context);
    }

    private ProblemDocument? JudgeToken(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (_failures.IsBarred(address))
        {
            context.Response.Headers.RetryAfter = "60";
            return ProblemDocument.Of(StatusCodes.Status429TooManyRequests, "Too many attempts without the right token.");
        }

        if (access.Token?.IsIn(context.Request) == true)
        {
            return null;
        }

        if (access.Token is null)
        {
            return ProblemDocument.Of(StatusCodes.Status403Forbidden, "This needs the control socket; Stats:TokenFile would allow it with a token.");
        }

        _failures.Count(address);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return ProblemDocument.Of(StatusCodes.Status401Unauthorized, "This needs the control socket, or the token of Stats:TokenFile in 'Authorization: Bearer'.");
    }

    private static bool IsLocal(HttpContext context) => context.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local);

    // Rebinding needs a name: an address in Host is the one that was asked, or it is nonsense.
    private static bool IsKnown(string host, IPAddress? asked)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && (IPAddress.IsLoopback(address) || Same(address, asked)));

    private static bool Same(IPAddress address, IPAddress? asked)
        => asked is not null && (address.Equals(asked) || (asked.IsIPv4MappedToIPv6 && address.Equals(asked.MapToIPv4())));

    private static bool IsForeign(HttpRequest request)
    {
        // Sec-Fetch-Site covers requests that carry no Origin, such as those of a script or image element.
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0 && site is not ["same-origin"] and not ["none"])
        {
            return true;
        }

        var origin = request.Headers.Origin;
        return origin.Count > 0 && !(origin is [{ } only] && only.Equals($"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase));
    }
}
