namespace DnsFlow.Flows;

/// <summary>The life of a flow. It moves forward only.</summary>
public enum FlowState : byte
{
    /// <summary>Arrived; nothing may be read or written.</summary>
    Closed,

    /// <summary>The remote side is ready and the flow is being opened.</summary>
    Opening,

    /// <summary>Both directions may be used.</summary>
    Open,

    /// <summary>At least one direction is closed; what is in flight ends.</summary>
    Closing,

    /// <summary>Over; everything was given back.</summary>
    Ended,
}
