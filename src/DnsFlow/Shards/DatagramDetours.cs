using DnsFlow.Queries;
using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>Sends datagram queries on detours: each keeps a waiter's place until it is back, so they are bounded as all queries in flight are.</summary>
internal sealed class DatagramDetours(ShardServices services, ShardQueue queue, WaiterTable waiters)
{
    /// <summary>Begins the detour that the context names; false when as many queries are in flight as may be.</summary>
    public bool TryBegin(ForwardingPlan plan, in QueryContext context, in WaiterSlot asker)
    {
        var waiter = waiters.Take(asker, context.Query.Question(context.Message), request: null);
        if (waiter < 0)
        {
            return false;
        }

        var request = new ForwardRequest
        {
            Message = context.Message.ToArray(),
            Flow = context.Flow,
            Group = context.Target.Group >= 0 ? plan.Groups[context.Target.Group] : plan.SystemGroup,
            BypassCache = context.BypassCache,
            Partition = context.Target.Partition,
            EchoedSubnet = context.EchoedSubnet,
            ReceivedAt = context.Now,
            Receiver = new HeldQuery(queue, waiter),
        };
        services.Detours.Start(plan, request, context.Detour!, context.IsReviewed);
        return true;
    }

    /// <summary>Asks a second group as well, if a rule said so.</summary>
    public void Mirror(ForwardingPlan plan, in QueryContext context)
    {
        if (context.Mirror != 0)
        {
            services.Detours.Mirror(plan, context.Mirror - 1, in context);
        }
    }
}
