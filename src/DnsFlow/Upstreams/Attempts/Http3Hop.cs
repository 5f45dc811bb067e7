using System.Globalization;
using System.Net;
using System.Net.Security;
using DnsFlow.Transports.Tls;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// HTTP/3 with one address of a server. The handler would resolve a name by the system's resolver, so it is given the address, and the name as the host: that is what it sends
/// (SNI, :authority) and what the certificate must be for.
/// </summary>
internal sealed class Http3Hop : HttpsHop
{
    private long _lastHeard;
    private bool _hasAnswered;

    /// <summary>Makes a way to an address; the first request connects.</summary>
    public Http3Hop(Upstream server, IPEndPoint endpoint, UpstreamDialer dialer)
        : this(server.Link, endpoint, dialer, new TlsCertificateCheck(server.Link.ServerName, server.Link.IsNamed, server.Link.Trust))
    {
    }

    private Http3Hop(UpstreamLink link, IPEndPoint endpoint, UpstreamDialer dialer, TlsCertificateCheck check)
        : base(new HttpMessageInvoker(Handler(link, dialer, check)), new Uri($"https://{endpoint}{link.Path}"), HttpVersion.Version30, HostOf(link, endpoint.Port))
        => (Check, Made, _lastHeard) = (check, dialer.Clock.Now, dialer.Clock.Now);

    /// <summary>What became of the certificate.</summary>
    public TlsCertificateCheck Check { get; }

    /// <summary>When it was made, in microseconds.</summary>
    public long Made { get; }

    /// <summary>When a response last began, in microseconds.</summary>
    public long LastHeard
    {
        get => Volatile.Read(ref _lastHeard);
        set => Volatile.Write(ref _lastHeard, value);
    }

    /// <summary>Whether a response ever came.</summary>
    public bool HasAnswered
    {
        get => Volatile.Read(ref _hasAnswered);
        set => Volatile.Write(ref _hasAnswered, value);
    }

    /// <summary>
    /// Whether a response sends us elsewhere (Alt-Svc, RFC 7838). Another host would be resolved by the system's resolver, and another address or port was not checked.
    /// </summary>
    public bool IsSentElsewhere(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Alt-Svc", out var values))
        {
            return false;
        }

        var here = string.Create(CultureInfo.InvariantCulture, $"h3=\":{Uri.Port}\"");
        return values.SelectMany(static value => value.Split(',', StringSplitOptions.TrimEntries))
            .Any(service => service.StartsWith("h3=", StringComparison.Ordinal) && !service.StartsWith(here, StringComparison.Ordinal));
    }

    private static string? HostOf(UpstreamLink link, int port)
        => !link.IsNamed ? null : port == 443 ? link.ServerName : string.Create(CultureInfo.InvariantCulture, $"{link.ServerName}:{port}");

    private static SocketsHttpHandler Handler(UpstreamLink link, UpstreamDialer dialer, TlsCertificateCheck check)
    {
        var handler = NewHandler();
        handler.ConnectTimeout = UpstreamDialer.EncryptedTime;
        handler.SslOptions = TlsClientOptions.Make(link.ServerName, link.Trust, SslApplicationProtocol.Http3, check, dialer.Clock.Time);
        return handler;
    }
}
