namespace DnsFlow.Transports.Https;

/// <summary>What becomes of one request.</summary>
/// <param name="Buffer">A rented buffer with the response; null = the query was dropped, and so is the request.</param>
/// <param name="Length">The octets of the response.</param>
/// <param name="MaxAge">How long it stays fresh, in seconds (RFC 8484 section 5.1).</param>
internal readonly record struct HttpsAnswer(byte[]? Buffer, int Length, uint MaxAge)
{
    /// <summary>The body was no DNS query at all.</summary>
    public static HttpsAnswer NotAQuery { get; } = new(null, -1, 0);

    /// <summary>Whether the body was a DNS query.</summary>
    public bool IsOfQuery => Length >= 0;
}
