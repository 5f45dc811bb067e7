namespace DnsFlow.Policy;

/// <summary>How a blocked query is answered.</summary>
public enum BlockingStyle
{
    /// <summary>NXDOMAIN with a SOA: the name does not exist.</summary>
    NXDomain,

    /// <summary>NOERROR without records, with a SOA: the name has nothing of this type.</summary>
    NoData,

    /// <summary>0.0.0.0 and :: for A and AAAA; every other type, HTTPS and SVCB too, has no data.</summary>
    Zero,

    /// <summary>REFUSED. Clients then often ask their next resolver.</summary>
    Refused,
}
