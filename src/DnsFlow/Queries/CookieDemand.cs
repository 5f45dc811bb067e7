namespace DnsFlow.Queries;

/// <summary>When a client that uses cookies needs a good one (BADCOOKIE otherwise, RFC 7873 section 5.2.3).</summary>
public enum CookieDemand
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>When its address asks faster than it may: it is told the cookie it needs instead of being dropped.</summary>
    OverLimit,

    /// <summary>Also for responses above 512 octets over UDP.</summary>
    LargeAnswers,
}
