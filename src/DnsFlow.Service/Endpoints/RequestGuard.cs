using System.Net;

namespace DnsFlow.Service.Endpoints;

/// <summary>
/// Lets only requests pass that were meant for us: a page of another origin must not read statistics, neither with its own name in
/// <c>Host</c> (DNS rebinding) nor across origins.
/// </summary>
internal static class RequestGuard
{
    /// <summary>Why a request is refused; null when it may pass.</summary>
    public static ProblemDocument? Judge(HttpRequest request)
    {
        if (!IsKnown(request.Host.Host))
        {
            return ProblemDocument.Of(StatusCodes.Status421MisdirectedRequest, "The host name of the request is not one of this machine's loopback addresses.");
        }

        return IsForeign(request)
            ? ProblemDocument.Of(StatusCodes.Status403Forbidden, "Requests from pages of another origin are refused.")
            : null;
    }

    private static bool IsKnown(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

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
