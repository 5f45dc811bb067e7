namespace DnsFlow.Server.QueryLogs;

/// <summary>What a line of the query log says became of a query: what the engine decided, or that it was not asked.</summary>
internal enum LoggedResult : byte
{
    /// <summary>It was answered here.</summary>
    Answered,

    /// <summary>It was given no answer.</summary>
    Dropped,

    /// <summary>It went to a group.</summary>
    Forwarded,

    /// <summary>It took a detour.</summary>
    Detour,

    /// <summary>It was relayed untouched.</summary>
    Passed,

    /// <summary>It was turned away at a bound.</summary>
    Shed,
}
