using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Transports;

namespace DnsFlow.Shards;

/// <summary>
/// What is known of a batch of datagrams before the first of them is decided. Each query needs four to six lines of tables that the kernel has
/// pushed out of the processor's caches since the last batch; looked for one query after another they cost more than all else we do to it. So the batch
/// is gone through three times: parse and ask for the lines of the indexes; ask for the slots and entries these name; decide, which is the copier's.
/// </summary>
internal sealed class QueryBatch(ResponseCache cache, FlowTable flows, int shard, int capacity)
{
    private readonly ParsedQuery[] _queries = new ParsedQuery[capacity];
    private readonly byte[] _names = new byte[capacity * WireName.MaxLength];
    private readonly ListLookup[] _lists = new ListLookup[capacity];
    private int _begun;

    /// <summary>
    /// The partition the last query was looked up in: a guess at the next one's, which the policy has not chosen yet. A wrong guess costs a line
    /// loaded in vain.
    /// </summary>
    public uint LikelyPartition { get; set; }

    /// <summary>A datagram's query.</summary>
    public ref readonly ParsedQuery this[int index] => ref _queries[index];

    /// <summary>QNAME in wire form and lower case; empty when there is no readable question.</summary>
    public ReadOnlySpan<byte> Name(int index) => _names.AsSpan(index * WireName.MaxLength, _queries[index].View.NameLength);

    /// <summary>The lookup in the lists that was begun for a query; empty when none was.</summary>
    public Span<ListLookup> Lists(int index) => index < _begun && _queries[index].View.NameLength > 0 ? _lists.AsSpan(index, 1) : default;

    /// <summary>The first two passes over what was received.</summary>
    public void Read(DatagramBatch batch, int count, INameLists? lists)
    {
        for (var i = 0; i < count; i++)
        {
            Parse(batch, i);
            if (lists is not null && count > 1 && _queries[i].View.NameLength > 0)
            {
                lists.Begin(Name(i), ref _lists[i]);
            }
        }

        // A query that came alone is decided at once: nothing goes on meanwhile.
        for (var i = 0; i < count && count > 1; i++)
        {
            ref var query = ref _queries[i];
            flows.PrefetchSlot(query.FlowHash);
            cache.PrefetchEntry(shard, query.KeyHash);
            if (query.View.NameLength > 0)
            {
                lists?.Continue(ref _lists[i]);
            }
        }

        _begun = lists is not null && count > 1 ? count : 0;
    }

    /// <summary>Ends a batch: lists that are no longer in force are not held by it.</summary>
    public void End()
    {
        _lists.AsSpan(0, _begun).Clear();
        _begun = 0;
    }

    /// <summary>One datagram that did not come with a batch.</summary>
    public void Parse(int index, ReadOnlySpan<byte> message)
    {
        ref var query = ref _queries[index];
        query.Status = QueryView.TryParse(message, out query.View);
        if (query.View.NameLength > 0)
        {
            WireName.ToLower(query.View.Name(message), _names.AsSpan(index * WireName.MaxLength, WireName.MaxLength));
        }

        query.NameHash = WireName.Hash(Name(index), cache.Seed);
    }

    private void Parse(DatagramBatch batch, int index)
    {
        ref var query = ref _queries[index];
        query.FlowHash = new FlowKey(FlowTransport.Udp, batch[index].Remote, batch[index].Local).Hash(flows.Seed);
        flows.PrefetchIndex(query.FlowHash);
        Parse(index, batch.Payload(index));
        ref var view = ref query.View;
        query.KeyHash = QuestionKey.HashOf(
            query.NameHash, view.Type, view.Class, view.DnssecOk, view.Header.CheckingDisabled, LikelyPartition);
        cache.PrefetchSlots(query.KeyHash);
    }
}
