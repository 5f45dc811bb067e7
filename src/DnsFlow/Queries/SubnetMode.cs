namespace DnsFlow.Queries;

/// <summary>What upstreams learn of a client's network (RFC 7871).</summary>
public enum SubnetMode
{
    /// <summary>Nothing.</summary>
    Strip,

    /// <summary>What the client itself says.</summary>
    Keep,

    /// <summary>The network of the client's address.</summary>
    Set,
}
