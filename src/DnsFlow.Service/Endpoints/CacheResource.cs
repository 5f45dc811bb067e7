using DnsFlow.Names;
using DnsFlow.Server;

namespace DnsFlow.Service.Endpoints;

/// <summary>The response cache: what is in it may be forgotten.</summary>
internal sealed class CacheResource(IProxyServer server) : IHttpResource
{
    /// <inheritdoc/>
    public IEnumerable<HttpRoute> Routes => [new("POST", "/api/v1/cache/flush", FlushAsync)];

    private async Task FlushAsync(HttpContext context)
    {
        NamePattern? names = null;
        var name = context.Request.Query["name"].ToString();
        if (name.Length > 0 && !NamePattern.TryParse(name, out names, out var error))
        {
            await HttpResponses.ProblemAsync(context, ProblemDocument.Of(StatusCodes.Status400BadRequest, $"'{name}' is not a pattern for names: {error}"));
            return;
        }

        var removed = await server.FlushCacheAsync(names, context.RequestAborted);
        await HttpResponses.JsonAsync(context, new FlushDocument(removed), HttpJson.Default.FlushDocument);
    }
}
