namespace DnsFlow.Upstreams;

/// <summary>Whether a datagram or message is the reply to a query.</summary>
internal enum ReplyMatch
{
    /// <summary>It is.</summary>
    Match,

    /// <summary>It belongs to another query, or somebody guesses. Count it and go on waiting.</summary>
    Mismatch,

    /// <summary>It cannot be read. Count it and go on waiting.</summary>
    Malformed,
}
