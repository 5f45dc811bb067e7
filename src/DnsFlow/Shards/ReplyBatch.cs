using System.Buffers.Binary;
using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Transports;

namespace DnsFlow.Shards;

/// <summary>
/// Asks for the table lines that a batch of replies will need, for the reason <see cref="QueryBatch"/> gives: where the question of each is found, the question
/// and the places in the indexes it will leave and enter, its first waiter, that one's flow. What is found here is a guess; nothing is decided by it.
/// </summary>
internal sealed class ReplyBatch(PendingTable pending, WaiterTable waiters, FlowTable flows, ResponseCache cache, int shard)
{
    private readonly int[] _questions = new int[64];

    /// <summary>Goes through the replies that one call received from a socket.</summary>
    public void Prefetch(int socket, DatagramBatch batch, int count)
    {
        count = Math.Min(count, _questions.Length);
        for (var i = 0; i < count; i++)
        {
            pending.PrefetchReply(socket, Id(batch, i));
        }

        for (var i = 0; i < count; i++)
        {
            _questions[i] = pending.PrefetchLikely(socket, Id(batch, i));
        }

        for (var i = 0; i < count; i++)
        {
            if (_questions[i] >= 0)
            {
                ref var question = ref pending[_questions[i]];
                waiters.Prefetch(question.FirstWaiter);
                pending.PrefetchQuestion(question.KeyHash);
                cache.PrefetchOwnSlot(shard, question.KeyHash);
            }
        }

        for (var i = 0; i < count; i++)
        {
            if (_questions[i] >= 0 && waiters[pending[_questions[i]].FirstWaiter].Flow is >= 0 and var flow)
            {
                flows.Prefetch(flow);
            }
        }
    }

    private static ushort Id(DatagramBatch batch, int index)
        => batch[index].Length >= sizeof(ushort) ? BinaryPrimitives.ReadUInt16BigEndian(batch.Payload(index)) : (ushort)0;
}
