using DnsFlow.Caching;
using DnsFlow.Flows;

namespace DnsFlow.Shards;

/// <summary>Copies the flows of a shard, those that were active last in front, as far as there is room.</summary>
internal sealed class FlowListing(int max) : IShardTask
{
    private readonly FlowSlot[] _room = new FlowSlot[max];
    private readonly TaskCompletionSource<ArraySegment<FlowSlot>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The flows.</summary>
    public Task<ArraySegment<FlowSlot>> Flows => _done.Task;

    /// <inheritdoc/>
    public bool Advance(FlowAdmission flows, ResponseCache cache, int shard)
    {
        var count = 0;
        for (var flow = flows.Flows.Newest; flow >= 0 && count < _room.Length; flow = flows.Flows[flow].Older)
        {
            _room[count++] = flows.Flows[flow];
        }

        _done.TrySetResult(new(_room, 0, count));
        return true;
    }
}
