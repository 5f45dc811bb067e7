using System.Net;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>How the requests of an <see cref="HttpsConnection"/> reach its server. Any thread.</summary>
internal interface IHttpsRoute : IDisposable
{
    /// <summary>The way of the next request. Throws <see cref="UpstreamDialException"/> when there is none.</summary>
    ValueTask<HttpsHop> AcquireAsync(CancellationToken cancellationToken);

    /// <summary>The head of a response came.</summary>
    void Answered(HttpsHop hop, HttpResponseMessage response);

    /// <summary>A request failed. Returns what that says of the server, when the route knows better than the exception tells.</summary>
    UpstreamError? Failed(HttpsHop hop, Exception exception);

    /// <summary>A request was given up; nothing more goes by a way on which nothing was heard since <paramref name="began"/>.</summary>
    void GiveUpIfSilent(HttpsHop hop, long began);

    /// <summary>Closes what leaves from an address of which <paramref name="isDead"/> says so.</summary>
    void CloseIf(Func<IPAddress, bool> isDead);
}
