using DnsFlow.Flows;
using DnsFlow.Limits;

namespace DnsFlow.Shards;

/// <summary>
/// The datagram flows of a shard from admission to end: asks the provider, keeps the bounds (table, client), evicts, sweeps the idle. A flow of a
/// full table makes room only for another when it has no query in flight.
/// </summary>
internal sealed class FlowAdmission(ShardServices services, FlowTable flows, ClientTable clients, ParkedFlows parked)
{
    private const int Udp = (int)FlowTransport.Udp;

    /// <summary>The flows.</summary>
    public FlowTable Flows { get; } = flows;

    /// <summary>
    /// Finds the flow of a datagram by its key and the key's hash, or admits a new one, which is decided, or parked until its provider has decided. -1: no room, counted.
    /// </summary>
    public int FindOrAdmit(in FlowFacts facts, ulong hash, int socket, IFlowHandler handler, ReadOnlySpan<byte> firstQuery, long now)
    {
        var flow = Flows.Find(facts.Key, hash);
        return flow >= 0 ? flow : Admit(facts, hash, socket, handler, firstQuery, now);
    }

    /// <summary>A provider's verdict has come for a parked flow. False when the flow is gone.</summary>
    public bool TrySettle(int flow, long id, FlowVerdict verdict)
    {
        if (Flows[flow].Id != id || Flows[flow].State != FlowState.Closed)
        {
            return false;
        }

        Decide(ref Flows[flow], verdict);
        return true;
    }

    /// <summary>Ends flows that have been idle for too long. Returns milliseconds until the next may be; -1 = there is no flow.</summary>
    public int Sweep(long now)
    {
        var idle = (long)services.Limits.UdpIdle.TotalMicroseconds;
        while (Flows.Oldest >= 0)
        {
            var oldest = Flows.Oldest;
            ref var slot = ref Flows[oldest];
            var due = slot.LastActive + idle;
            if (due > now)
            {
                return (int)Math.Min(int.MaxValue, (due - now) / MonotonicClock.Millisecond + 1);
            }

            if (slot.InFlight > 0)
            {
                Flows.Touch(oldest, now);       // it waits for a response: not idle
            }
            else
            {
                End(oldest, slot.Verdict switch
                {
                    FlowVerdict.Discard => FlowCloseReason.Discarded,
                    FlowVerdict.Pass => FlowCloseReason.PassedThrough,
                    _ => FlowCloseReason.IdleTimeout,
                });
            }
        }

        return -1;
    }

    /// <summary>Ends every flow: the provider stops.</summary>
    public void EndAll(FlowCloseReason reason)
    {
        while (Flows.Oldest >= 0)
        {
            End(Flows.Oldest, reason);
        }
    }

    /// <summary>Ends one flow.</summary>
    public void End(int flow, FlowCloseReason reason)
    {
        ref var slot = ref Flows[flow];
        if (slot.State == FlowState.Closed)
        {
            services.Counters.FlowOpened(slot.Facts.Listener, Udp, (int)FlowVerdict.Discard);       // it ends before its provider has decided
        }

        if (slot.HasObject)
        {
            parked.End(flow, reason);
        }

        services.Counters.FlowClosed(Udp, (int)reason);
        clients.EndFlow(slot.Client);
        Flows.Remove(flow);
    }

    private int Admit(in FlowFacts facts, ulong hash, int socket, IFlowHandler handler, ReadOnlySpan<byte> firstQuery, long now)
    {
        if (Flows.Count >= Flows.Capacity / 10 * 9)
        {
            MakeRoom();
        }

        var client = clients.Find(facts.Client, now);
        if (!clients.TryBeginFlow(client))
        {
            services.Counters.Shed(ShedReason.ClientFlows);
            return -1;
        }

        var flow = Flows.Add(facts, hash, client, now);
        if (flow < 0)
        {
            clients.EndFlow(client);
            services.Counters.Shed(ShedReason.FlowFull);
            return -1;
        }

        ref var slot = ref Flows[flow];
        slot.Socket = socket;
        if (handler.TryDecide(facts, out var verdict))
        {
            Decide(ref slot, verdict);
        }
        else
        {
            slot.HasObject = true;
            if (parked.Begin(flow, slot.Id, facts, handler, firstQuery) is { } settled)
            {
                Decide(ref slot, settled);
            }
        }

        return flow;
    }

    private void Decide(ref FlowSlot slot, FlowVerdict verdict)
    {
        slot.Verdict = verdict;
        slot.State = verdict == FlowVerdict.Discard ? FlowState.Ended : FlowState.Open;
        services.Counters.FlowOpened(slot.Facts.Listener, Udp, (int)verdict);
    }

    private void MakeRoom()
    {
        var evictable = Flows.FindEvictable();
        if (evictable >= 0)
        {
            End(evictable, FlowCloseReason.Evicted);
        }
    }
}
