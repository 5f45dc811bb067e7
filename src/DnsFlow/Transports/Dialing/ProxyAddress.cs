using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace DnsFlow.Transports.Dialing;

/// <summary>A proxy that connections go through: <c>socks5://127.0.0.1:1080</c> (RFC 1928) or <c>http://127.0.0.1:3128</c> (CONNECT, RFC 9110 section 9.3.6).</summary>
/// <param name="IsSocks">SOCKS5, else HTTP.</param>
/// <param name="Endpoint">Its address; never a name, for who would resolve it.</param>
internal sealed record ProxyAddress(bool IsSocks, IPEndPoint Endpoint)
{
    /// <summary>Reads a proxy; false when the text is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ProxyAddress? proxy)
    {
        proxy = null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "socks5" or "http", PathAndQuery: "/" or "", UserInfo: "", Fragment: "" }
            && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Contains($"//{address}", StringComparison.Ordinal)))
        {
            proxy = new ProxyAddress(uri.Scheme == "socks5", new IPEndPoint(address, uri.Port > 0 ? uri.Port : uri.Scheme == "socks5" ? 1_080 : 80));
        }

        return proxy is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsSocks ? "socks5" : "http")}://{Endpoint}";
}
