namespace DnsFlow.Caching;

/// <summary>When a response may be given after its time is over (RFC 8767).</summary>
public enum StaleMode
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>When upstreams were asked and nothing usable came.</summary>
    OnFailure,

    /// <summary>Also when they have not answered after <see cref="StaleOptions.AnswerAfter"/>; they are waited for all the same, for the next who asks.</summary>
    VerifyFirst,
}
