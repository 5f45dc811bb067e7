using System.Net;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>A way that requests to a server go.</summary>
/// <param name="invoker">Sends them.</param>
/// <param name="uri">Where to.</param>
/// <param name="version">The version of HTTP, which is spoken or nothing.</param>
/// <param name="host">The server's name, when it is not in <paramref name="uri"/>.</param>
internal class HttpsHop(HttpMessageInvoker invoker, Uri uri, Version version, string? host = null) : IDisposable
{
    /// <summary>Sends requests.</summary>
    public HttpMessageInvoker Invoker { get; } = invoker;

    /// <summary>The resource.</summary>
    public Uri Uri { get; } = uri;

    /// <summary>The version of HTTP.</summary>
    public Version Version { get; } = version;

    /// <summary>The Host header; null = the host of <see cref="Uri"/>.</summary>
    public string? Host { get; } = host;

    /// <summary>Ends it; requests that are on their way may still be answered.</summary>
    public void Dispose()
    {
        Invoker.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The handler that all requests go through: no redirects, no proxies of the environment, no cookies, short heads.</summary>
    protected static SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = 16,
        PooledConnectionIdleTimeout = StreamConnection.TlsIdleTimeout,
        ActivityHeadersPropagator = null,
    };
}
