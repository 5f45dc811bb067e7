using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace DnsFlow.Transports.Https;

/// <summary>
/// A request and its response, as the HTTP server keeps them. The server uses its streams again and again, and this one goes with its stream: it looks for nothing per request.
/// </summary>
internal sealed class HttpsExchange(IFeatureCollection features)
{
    private readonly IRequestBodyPipeFeature _body = features.GetRequiredFeature<IRequestBodyPipeFeature>();
    private readonly IHttpResponseBodyFeature _output = features.GetRequiredFeature<IHttpResponseBodyFeature>();

    /// <summary>The connection; null when it is none of ours.</summary>
    public HttpsConnection? Connection { get; } = features.Get<HttpsConnection>();

    /// <summary>What is asked.</summary>
    public IHttpRequestFeature Request { get; } = features.GetRequiredFeature<IHttpRequestFeature>();

    /// <summary>What is answered.</summary>
    public IHttpResponseFeature Response { get; } = features.GetRequiredFeature<IHttpResponseFeature>();

    /// <summary>The body of the request.</summary>
    public PipeReader Body => _body.Reader;

    /// <summary>The body of the response.</summary>
    public PipeWriter Output => _output.Writer;

    /// <summary>Ends the request without a response.</summary>
    public void Abort() => features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();

    /// <summary>Tells the client to make a new connection.</summary>
    public void RequestClose() => features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
}
