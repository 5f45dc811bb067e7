using DnsFlow.Server;
using DnsFlow.Service.Commands;

namespace DnsFlow.Service.Endpoints;

/// <summary>What would become of a query, and why. Nothing is sent.</summary>
internal sealed class ExplainResource(IProxyServer server, TimeProvider time) : IHttpResource
{
    /// <inheritdoc/>
    public IEnumerable<HttpRoute> Routes => [new("GET", "/api/v1/explain", Explain)];

    private Task Explain(HttpContext context)
    {
        var query = context.Request.Query;
        var arguments = new ExplainArguments
        {
            Name = query["name"], Type = query["type"], Client = query["client"], Listener = query["listener"], Transport = query["transport"], At = query["at"],
        };
        var listeners = server.Describe().Listeners.Select(static listener => listener.Name).Distinct().ToList();
        return !arguments.TryRead(time, listeners, out var question, out var error)
            ? HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status400BadRequest, error))
            : server.Explain(question) is { } explanation
            ? HttpResponses.JsonAsync(context, explanation, HttpJson.Default.Explanation)
            : HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status503ServiceUnavailable, "The proxy is not running."));
    }
}
