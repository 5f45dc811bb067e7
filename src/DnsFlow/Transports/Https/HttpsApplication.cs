using DnsFlow.Limits;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace DnsFlow.Transports.Https;

/// <summary>
/// What the HTTP server calls for each request, without the framework's middleware and <c>HttpContext</c>: nothing of that is needed to answer a query. What requests
/// that are under way hold in the HTTP server is charged to a pool, but for the first few of each connection, so that who asks little is served when others have filled it.
/// </summary>
/// <param name="memory">The pool.</param>
/// <param name="onFull">Told when it had no room for a request, whose connection was ended.</param>
internal sealed class HttpsApplication(MemoryPool memory, Action onFull) : IHttpApplication<HttpsExchange>
{
    /// <summary>What a request holds: its stream, and a page for its body or its response. Measured: 10.5 KB.</summary>
    public const int RequestBytes = 12 << 10;

    /// <summary>Requests of a connection that are under way and not charged.</summary>
    public const int FreeRequests = 2;

    public HttpsExchange CreateContext(IFeatureCollection contextFeatures)
    {
        var exchange = contextFeatures is IHostContextContainer<HttpsExchange> container
            ? container.HostContext ??= new HttpsExchange(contextFeatures)
            : new HttpsExchange(contextFeatures);
        exchange.IsCharged = exchange.IsRefused = false;
        if (exchange.Connection is { } connection && connection.BeginRequest() > FreeRequests)
        {
            exchange.IsCharged = memory.TryTake(RequestBytes);
            exchange.IsRefused = !exchange.IsCharged;
        }

        return exchange;
    }

    public Task ProcessRequestAsync(HttpsExchange context)
    {
        if (!context.IsRefused)
        {
            return HttpsRequests.AnswerAsync(context);
        }

        if (context.Connection!.TryRefuse())
        {
            onFull();
        }

        return Task.CompletedTask;
    }

    public void DisposeContext(HttpsExchange context, Exception? exception)
    {
        context.Connection?.EndRequest();
        if (context.IsCharged)
        {
            memory.Give(RequestBytes);
        }
    }
}
