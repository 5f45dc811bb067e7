namespace DnsFlow.Queries;

/// <summary>What an entry of a list wants to be answered.</summary>
public enum ListAnswerKind
{
    /// <summary>Records of the entry; types that it has none of are answered NODATA.</summary>
    Records,

    /// <summary>The name does not exist.</summary>
    NXDomain,

    /// <summary>The name has nothing of the type.</summary>
    NoData,

    /// <summary>REFUSED.</summary>
    Refused,

    /// <summary>No answer at all.</summary>
    Drop,

    /// <summary>TC over UDP, so that the client comes again over TCP.</summary>
    Truncate,
}
