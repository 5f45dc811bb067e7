using DnsFlow.Limits;

namespace DnsFlow.Tests.Limits;

public sealed class BoundedQueueTests
{
    [Fact]
    public void TryEnqueue_Full_RefusesAndKeepsOrder()
    {
        var queue = new BoundedQueue<string>(4);
        Assert.All(["a", "b", "c", "d"], item => Assert.True(queue.TryEnqueue(item)));
        Assert.False(queue.TryEnqueue("e"));
        Assert.True(queue.TryDequeue(out var first));
        Assert.Equal("a", first);
        Assert.True(queue.TryEnqueue("e"));
        Assert.Equal(["b", "c", "d", "e"], Drain(queue));
    }

    [Fact]
    public void TryEnqueue_WithReserve_LeavesThosePlacesFree()
    {
        var queue = new BoundedQueue<string>(4);
        Assert.True(queue.TryEnqueue("a", reserve: 2));
        Assert.True(queue.TryEnqueue("b", reserve: 2));
        Assert.False(queue.TryEnqueue("c", reserve: 2));
        Assert.True(queue.TryEnqueue("result"));
    }

    [Fact]
    public void TryEnqueue_ManyThreads_LosesNothing()
    {
        const int Threads = 4, Each = 5_000;
        var queue = new BoundedQueue<object>(64);
        var writers = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < Each;)
            {
                i += queue.TryEnqueue(this) ? 1 : 0;
                if (i % 64 == 0)
                {
                    Thread.Yield();
                }
            }
        })).ToArray();
        Array.ForEach(writers, writer => writer.Start());
        var taken = 0;
        while (taken < Threads * Each)
        {
            if (queue.TryDequeue(out _))
            {
                taken++;
            }
            else
            {
                Thread.Yield();
            }
        }

        Array.ForEach(writers, writer => writer.Join());
        Assert.False(queue.TryDequeue(out _));
        Assert.Equal(0, queue.Count);
    }

    private static List<string> Drain(BoundedQueue<string> queue)
    {
        var items = new List<string>();
        while (queue.TryDequeue(out var item))
        {
            items.Add(item);
        }

        return items;
    }
}
