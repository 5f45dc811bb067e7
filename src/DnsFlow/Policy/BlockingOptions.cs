namespace DnsFlow.Policy;

/// <summary>How blocked queries are answered (<c>DnsFlow:Blocking</c>).</summary>
public sealed class BlockingOptions
{
    /// <summary>The answer. Default NXDOMAIN.</summary>
    public BlockingStyle Style { get; set; } = BlockingStyle.NXDomain;

    /// <summary>How long clients may keep negative answers made here: the SOA's TTL and MINIMUM (RFC 2308). Whole seconds, default 60 s.</summary>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether answers made here say why (RFC 8914) to clients that speak EDNS. Default true.</summary>
    public bool ExtendedErrors { get; set; } = true;
}
