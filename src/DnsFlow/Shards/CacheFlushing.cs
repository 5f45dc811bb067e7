using DnsFlow.Caching;
using DnsFlow.Names;

namespace DnsFlow.Shards;

/// <summary>Removes the responses of some names from a shard's segment of the cache, a few entries at a time.</summary>
internal sealed class CacheFlushing(NamePattern names) : IShardTask
{
    private const int EntriesInTurn = 1_000;

    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CacheWalk _walk;

    /// <summary>How many were removed.</summary>
    public Task<long> Removed => _done.Task;

    /// <inheritdoc/>
    public bool Advance(FlowAdmission flows, ResponseCache cache, int shard)
    {
        if (!cache.RemoveSome(shard, names, ref _walk, EntriesInTurn))
        {
            return false;
        }

        _done.TrySetResult(_walk.Removed);
        return true;
    }
}
