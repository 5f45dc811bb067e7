namespace DnsFlow.Queries;

/// <summary>What upstreams learn of a client's network, of a group (<c>DnsFlow:Upstreams:NAME:ClientSubnet</c>) or by a rule.</summary>
public sealed class SubnetPolicy
{
    /// <summary>What. Default nothing.</summary>
    public SubnetMode Mode { get; set; }

    /// <summary>The longest prefix of an IPv4 network, 1 to 32. Default 24 (RFC 7871 section 11.1).</summary>
    public int IPv4Prefix { get; set; } = 24;

    /// <summary>The longest prefix of an IPv6 network, 1 to 128. Default 56.</summary>
    public int IPv6Prefix { get; set; } = 56;

    /// <summary>With <see cref="SubnetMode.Set"/>: this network, whoever asks.</summary>
    internal SubnetOption? Fixed { get; init; }
}
