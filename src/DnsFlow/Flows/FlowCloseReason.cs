namespace DnsFlow.Flows;

/// <summary>Why a flow ended.</summary>
public enum FlowCloseReason
{
    /// <summary>Both sides were closed after all was copied.</summary>
    Completed,

    /// <summary>The client ended it.</summary>
    PeerClosed,

    /// <summary>The client reset it.</summary>
    PeerReset,

    /// <summary>The provider discarded it.</summary>
    Discarded,

    /// <summary>The provider passed it to the system, and it ended there.</summary>
    PassedThrough,

    /// <summary>The remote side failed.</summary>
    UpstreamFailed,

    /// <summary>The remote side did not answer in time.</summary>
    UpstreamTimeout,

    /// <summary>Nothing happened on it for the idle time.</summary>
    IdleTimeout,

    /// <summary>It was the longest idle one when the table was full.</summary>
    Evicted,

    /// <summary>It used up what one flow may use.</summary>
    BudgetExceeded,

    /// <summary>The provider was stopped.</summary>
    ProviderStopped,

    /// <summary>A fault of ours; logged.</summary>
    Internal,
}
