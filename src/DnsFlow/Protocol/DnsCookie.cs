using System.Diagnostics.CodeAnalysis;

namespace DnsFlow.Protocol;

/// <summary>A DNS cookie (RFC 7873, RFC 9018): 8 octets of the client and, once it has them, 8 to 32 of the server.</summary>
/// <param name="Client">The client cookie, 8 octets.</param>
/// <param name="Server">The server cookie, empty or 8 to 32 octets.</param>
public sealed record DnsCookie(ReadOnlyMemory<byte> Client, ReadOnlyMemory<byte> Server)
{
    /// <summary>The length of a client cookie in octets.</summary>
    public const int ClientLength = 8;

    /// <summary>Reads an option; false for any other and for wrong lengths, which deserve FORMERR in a query (RFC 7873 section 5.2.2).</summary>
    public static bool TryRead(EdnsOption option, [NotNullWhen(true)] out DnsCookie? cookie)
    {
        ArgumentNullException.ThrowIfNull(option);
        cookie = option.Code == EdnsOptionCode.Cookie && option.Data.Length is (ClientLength or (>= 16 and <= 40))
            ? new(option.Data[..ClientLength], option.Data[ClientLength..])
            : null;
        return cookie is not null;
    }

    /// <summary>The option.</summary>
    public EdnsOption ToOption() => new(EdnsOptionCode.Cookie, (byte[])[.. Client.Span, .. Server.Span]);

    /// <summary>Both cookies in hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Client.Span) + Convert.ToHexStringLower(Server.Span);
}
