using DnsFlow.Limits;
using DnsFlow.Transports;
using DnsFlow.Upstreams;
using DnsFlow.Upstreams.Lanes;

namespace DnsFlow.Shards;

/// <summary>
/// The one place where the planes meet: a bounded queue into a shard with a wake-up. Results of questions already in flight always find a place (there are
/// no more of them than questions); new questions are refused before those places are touched.
/// </summary>
internal sealed class ShardQueue(int inFlight, IDatagramWaiter waiter) : ITransactionOwner, IQueryForwarder, ILaneOwner
{
    private readonly BoundedQueue<ShardWork> _queue = new(inFlight + 2048);
    private long _refused;

    /// <summary>What waits.</summary>
    public int Count => _queue.Count;

    /// <summary>The most that can wait.</summary>
    public int Capacity => _queue.Capacity;

    /// <summary>What was refused because the queue was full.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Takes the oldest item; the shard's thread only.</summary>
    public bool TryDequeue(out ShardWork work) => _queue.TryDequeue(out work);

    /// <summary>Hands work over; false when there is no place.</summary>
    public bool TryPost(ShardWork work, int reserve = 0)
    {
        if (!_queue.TryEnqueue(work, reserve))
        {
            Interlocked.Increment(ref _refused);
            return false;
        }

        waiter.Wake();
        return true;
    }

    /// <inheritdoc/>
    public void Complete(long token, in UpstreamResult result) => TryPost(new ShardWork.TransactionDone(token, result));

    /// <inheritdoc/>
    public bool TryReceive(StreamLane lane, LaneBatch batch) => TryPost(new ShardWork.LaneReplies(lane, batch));

    /// <inheritdoc/>
    public void OnClosed(StreamLane lane, UpstreamError error) => TryPost(new ShardWork.LaneClosed(lane, error));

    /// <inheritdoc/>
    public bool TryForward(ForwardRequest request) => TryPost(new ShardWork.StreamQuery(request), reserve: inFlight + 512);
}
