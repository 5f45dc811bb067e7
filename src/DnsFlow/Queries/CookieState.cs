namespace DnsFlow.Queries;

/// <summary>What the cookie of a query proves (RFC 7873 section 5.2).</summary>
internal enum CookieState : byte
{
    /// <summary>The query has none.</summary>
    None,

    /// <summary>Its length is wrong: FORMERR.</summary>
    Malformed,

    /// <summary>It has one of the client alone, or one of ours that is not good any more: nothing is proved.</summary>
    Unproved,

    /// <summary>It has one that only we can have given to this address.</summary>
    Proved,
}
