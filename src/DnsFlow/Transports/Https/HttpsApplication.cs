using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace DnsFlow.Transports.Https;

/// <summary>What the HTTP server calls for each request, without the framework's middleware and <c>HttpContext</c>: nothing of that is needed to answer a query.</summary>
internal sealed class HttpsApplication : IHttpApplication<HttpsExchange>
{
    public HttpsExchange CreateContext(IFeatureCollection contextFeatures)
        => contextFeatures is IHostContextContainer<HttpsExchange> container
            ? container.HostContext ??= new HttpsExchange(contextFeatures)
            : new HttpsExchange(contextFeatures);

    public Task ProcessRequestAsync(HttpsExchange context) => HttpsRequests.AnswerAsync(context);

    public void DisposeContext(HttpsExchange context, Exception? exception)
    {
    }
}
