using DnsFlow.Caching;
using DnsFlow.Flows;

namespace DnsFlow.Shards;

/// <summary>Ends one flow of a shard, by its id.</summary>
internal sealed class FlowClosing(long id) : IShardTask
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the shard had it.</summary>
    public Task<bool> Closed => _done.Task;

    /// <inheritdoc/>
    public bool Advance(FlowAdmission flows, ResponseCache cache, int shard)
    {
        var flow = flows.Flows.Newest;
        while (flow >= 0 && flows.Flows[flow].Id != id)
        {
            flow = flows.Flows[flow].Older;
        }

        if (flow >= 0)
        {
            flows.End(flow, FlowCloseReason.ProviderStopped);
        }

        _done.TrySetResult(flow >= 0);
        return true;
    }
}
