namespace DnsFlow.Caching;

/// <summary>Responses that are given after their time is over, when upstreams do not answer (<c>DnsFlow:Cache:Stale</c>, RFC 8767).</summary>
public sealed class StaleOptions
{
    /// <summary>When. Default <see cref="StaleMode.VerifyFirst"/>.</summary>
    public StaleMode Mode { get; set; } = StaleMode.VerifyFirst;

    /// <summary>
    /// With <see cref="StaleMode.VerifyFirst"/>: how long a client waits for upstreams, 0 to 10 s. 0 = it does not: they are asked behind its back. Default
    /// 1.8 s (RFC 8767 section 5).
    /// </summary>
    public TimeSpan AnswerAfter { get; set; } = TimeSpan.FromMilliseconds(1800);

    /// <summary>How long after the end of its time a response may be given, up to seven days. Default one day.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The TTL clients see, 1 s to 1 h. Default 30 s (RFC 8767 section 4).</summary>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after a failure a question is answered stale without asking upstreams anew, 1 s to 5 min. Default 30 s (RFC 8767 section 5).</summary>
    public TimeSpan RecheckAfter { get; set; } = TimeSpan.FromSeconds(30);
}
