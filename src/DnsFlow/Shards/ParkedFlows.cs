using DnsFlow.Flows;
using DnsFlow.Protocol;

namespace DnsFlow.Shards;

/// <summary>
/// The flows of a shard that have an object: those whose provider decides with the object at hand. A flow waits here, with its first datagrams,
/// until the verdict comes; a provider that copies by itself is served from here on. The default provider never comes here.
/// </summary>
internal sealed class ParkedFlows(ShardQueue queue)
{
    private readonly Dictionary<int, ParkedFlow> _flows = [];

    /// <summary>Asks the provider about a new flow. Returns its verdict when it decided at once; else it is posted to the shard later.</summary>
    public FlowVerdict? Begin(int slot, long id, in FlowFacts facts, IFlowHandler handler, ReadOnlySpan<byte> firstQuery)
    {
        var parked = new ParkedFlow(queue, slot, id, facts);
        _flows[slot] = parked;
        if (QueryView.TryParse(firstQuery, out var view) == QueryStatus.Ok)
        {
            parked.Flow.RemoteHostname = NameText.Print(view.Name(firstQuery));
        }

        var decision = handler.HandleNewFlowAsync(parked.Flow, CancellationToken.None);
        if (decision.IsCompletedSuccessfully)
        {
            return Decide(parked, decision.Result, handler.UsesProxyCopier);
        }

        _ = PostAsync(decision, slot, id);
        return null;
    }

    /// <summary>Keeps a datagram of a flow that has no verdict yet; false when its waiting room is full.</summary>
    public bool TryPark(int slot, ReadOnlySpan<byte> datagram) => _flows[slot].Flow.TryDeliver(datagram) == DatagramDelivery.Taken;

    /// <summary>Hands a datagram to the provider that copies the flow; false when the proxy copies it.</summary>
    public bool TryDeliver(int slot, ReadOnlySpan<byte> datagram, out DatagramDelivery delivery)
    {
        var parked = _flows[slot];
        delivery = parked.IsCopiedByProvider ? parked.Flow.TryDeliver(datagram) : DatagramDelivery.Closed;
        return parked.IsCopiedByProvider;
    }

    /// <summary>The verdict has come: returns the waiting datagrams that the proxy now copies.</summary>
    public IReadOnlyList<Datagram> Settle(int slot, FlowVerdict verdict, bool usesProxyCopier)
    {
        var parked = _flows[slot];
        Decide(parked, verdict, usesProxyCopier);
        return parked.IsCopiedByProvider || verdict == FlowVerdict.Discard ? [] : parked.Flow.TakeWaiting();
    }

    /// <summary>The flow's slot is given up.</summary>
    public void End(int slot, FlowCloseReason reason)
    {
        if (_flows.Remove(slot, out var parked))
        {
            parked.Flow.Close(reason);
        }
    }

    private static FlowVerdict Decide(ParkedFlow parked, FlowVerdict verdict, bool usesProxyCopier)
    {
        parked.IsCopiedByProvider = verdict == FlowVerdict.Claim && !usesProxyCopier;
        parked.Flow.Decide(verdict);
        if (verdict == FlowVerdict.Pass || (verdict == FlowVerdict.Claim && usesProxyCopier))
        {
            parked.Flow.TryOpen();
        }

        return verdict;
    }

    private async Task PostAsync(ValueTask<FlowVerdict> decision, int slot, long id)
    {
        var verdict = await decision.ConfigureAwait(false);     // the handler never throws and never takes longer than 250 ms
        queue.TryPost(new ShardWork.Verdict(slot, id, verdict));
    }
}
