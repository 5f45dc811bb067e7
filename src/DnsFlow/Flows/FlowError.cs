namespace DnsFlow.Flows;

/// <summary>What went wrong on a flow. The numbers are those of Network Extension's <c>NEAppProxyFlowError</c>.</summary>
public enum FlowError
{
    /// <summary>The flow is not open, or not open any more in that direction.</summary>
    NotConnected = 1,

    /// <summary>The client reset its connection.</summary>
    PeerReset = 2,

    /// <summary>The remote side cannot be reached.</summary>
    HostUnreachable = 3,

    /// <summary>An argument, or the order of calls, is not allowed.</summary>
    InvalidArgument = 4,

    /// <summary>The flow was ended before its time.</summary>
    Aborted = 5,

    /// <summary>The connection was refused.</summary>
    Refused = 6,

    /// <summary>The remote side, or the client, took too long.</summary>
    TimedOut = 7,

    /// <summary>A fault of ours.</summary>
    Internal = 8,

    /// <summary>The datagram is longer than a datagram can be.</summary>
    DatagramTooLarge = 9,

    /// <summary>A read is pending; there is one at a time.</summary>
    ReadAlreadyPending = 10,
}
