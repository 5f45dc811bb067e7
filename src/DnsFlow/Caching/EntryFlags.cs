namespace DnsFlow.Caching;

/// <summary>What an entry is; the first three are part of its key.</summary>
[Flags]
internal enum EntryFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Asked with DO.</summary>
    DnssecOk = 1,

    /// <summary>Asked with CD.</summary>
    CheckingDisabled = 2,

    /// <summary>Not a response: the memory that the question failed (RFC 9520).</summary>
    Failure = 4,

    /// <summary>NXDOMAIN, NODATA or a failure: counts towards the negative share.</summary>
    Negative = 8,

    /// <summary>The part that belongs to the key.</summary>
    Key = DnssecOk | CheckingDisabled | Failure,
}
