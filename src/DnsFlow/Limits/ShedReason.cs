namespace DnsFlow.Limits;

/// <summary>Why a query or a flow was turned away because a bound was reached. Each has its own counter.</summary>
public enum ShedReason
{
    /// <summary>The flow table is full and no flow could be evicted.</summary>
    FlowFull,

    /// <summary>One client has as many flows as it may have.</summary>
    ClientFlows,

    /// <summary>One client asks faster than its token bucket allows.</summary>
    ClientRate,

    /// <summary>One client has as many queries in flight as it may have.</summary>
    ClientInFlight,

    /// <summary>One flow has as many queries in flight as it may have.</summary>
    FlowInFlight,

    /// <summary>The pending table is full.</summary>
    InFlightFull,

    /// <summary>One upstream group has as many queries in flight as it may have.</summary>
    GroupInFlight,

    /// <summary>The hand-over queue between the planes is full.</summary>
    QueueFull,

    /// <summary>A client did not take its responses in time.</summary>
    WriteStall,

    /// <summary>The kernel's send buffer was full.</summary>
    SendBuffer,

    /// <summary>The kernel dropped datagrams because the receive buffer was full.</summary>
    ReceiveBuffer,

    /// <summary>A memory pool has no room left.</summary>
    Memory,

    /// <summary>A datagram came for a flow that was not open yet, and the flow's waiting room was full.</summary>
    FlowWaiting,

    /// <summary>The proxy is stopping.</summary>
    Stopping,

    /// <summary>Too many TLS handshakes are under way, or one client begins too many.</summary>
    Handshakes,

    /// <summary>One name is asked for as many clients' networks at once as may be (EDNS Client Subnet).</summary>
    NameSubnets,
}
