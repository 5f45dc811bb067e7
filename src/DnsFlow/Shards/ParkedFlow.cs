using DnsFlow.Flows;

namespace DnsFlow.Shards;

/// <summary>A datagram flow that has an object, because its provider wants to see it: the object, and the way back to its slot.</summary>
internal sealed class ParkedFlow : IDatagramFlowSink
{
    private readonly ShardQueue _queue;
    private readonly int _slot;
    private readonly long _id;

    /// <summary>Makes the object for a slot.</summary>
    public ParkedFlow(ShardQueue queue, int slot, long id, in FlowFacts facts)
    {
        _queue = queue;
        _slot = slot;
        _id = id;
        Flow = new DatagramFlow(facts, this) { Ended = OnEnded };
    }

    /// <summary>What the provider sees.</summary>
    public DatagramFlow Flow { get; }

    /// <summary>Whether the provider copies the flow by itself.</summary>
    public bool IsCopiedByProvider { get; set; }

    /// <inheritdoc/>
    public bool Send(DatagramFlow flow, ReadOnlySpan<byte> datagram) => _queue.TryPost(new ShardWork.FlowWrite(_slot, _id, datagram.ToArray()), reserve: 1024);

    private void OnEnded(ProxyFlow flow, FlowCloseReason reason) => _queue.TryPost(new ShardWork.FlowEnd(_slot, _id, reason));
}
