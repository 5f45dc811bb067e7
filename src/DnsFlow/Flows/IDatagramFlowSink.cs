namespace DnsFlow.Flows;

/// <summary>Where a datagram flow's responses leave: the shard that has the socket.</summary>
internal interface IDatagramFlowSink
{
    /// <summary>Takes a copy of a datagram for the flow's client; false when there was no room and it was dropped (and counted by the sink). Any thread.</summary>
    bool Send(DatagramFlow flow, ReadOnlySpan<byte> datagram);
}
