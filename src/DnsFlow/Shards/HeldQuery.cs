using DnsFlow.Upstreams;

namespace DnsFlow.Shards;

/// <summary>A datagram query on a detour: its waiter keeps its place, and the response comes back through the shard's queue.</summary>
internal sealed class HeldQuery(ShardQueue queue, int waiter) : IForwardReceiver
{
    /// <inheritdoc/>
    public void Deliver(ForwardRequest request, in ForwardedResponse response) => queue.TryPost(new ShardWork.Held(waiter, response));
}
