using System.Globalization;
using DnsFlow.Server;

namespace DnsFlow.Service.Endpoints;

/// <summary>The last queries, when the query log keeps them in memory.</summary>
internal sealed class QueriesResource(IProxyServer server) : IHttpResource
{
    private const int MaxQueries = 1_000;

    /// <inheritdoc/>
    public IEnumerable<HttpRoute> Routes => [new("GET", "/api/v1/queries", Show)];

    private Task Show(HttpContext context)
    {
        var text = context.Request.Query["max"].ToString();
        if (!int.TryParse(text.Length == 0 ? "100" : text, NumberStyles.None, CultureInfo.InvariantCulture, out var max) || max is 0 or > MaxQueries)
        {
            return HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status400BadRequest, $"'max' is '{text}'; allowed: 1 to {MaxQueries}"));
        }

        return server.LastQueries(max) is { } queries
            ? HttpResponses.TextAsync(context, $"[{string.Join(',', queries)}]", "application/json; charset=utf-8")
            : HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status404NotFound, "the query log is not kept in memory (Stats:QueryLog:Sink)"));
    }
}
