namespace DnsFlow.Flows;

/// <summary>What became of a datagram that was handed to a flow. Whoever handed it over counts it.</summary>
internal enum DatagramDelivery
{
    /// <summary>The flow holds a copy until it is read.</summary>
    Taken,

    /// <summary>The flow holds as much as it may; the datagram was dropped.</summary>
    Full,

    /// <summary>Nobody reads this flow any more; the datagram was dropped.</summary>
    Closed,
}
