using DnsFlow.Caching;

namespace DnsFlow.Shards;

/// <summary>Something that somebody administering the proxy wants from a shard: it runs on the shard's thread, in short turns between its rounds.</summary>
internal interface IShardTask
{
    /// <summary>Takes one turn, of a fraction of a millisecond. Returns whether it is done. Must not throw, and allocates nothing.</summary>
    bool Advance(FlowAdmission flows, ResponseCache cache, int shard);
}
