using DnsFlow.Copying;
using DnsFlow.Limits;

namespace DnsFlow.Tests.Copying;

public class ResponseBlocksTests
{
    [Fact]
    public void TryAdd_PoolUsedUp_RefusesAndKeepsWhatItHas()
    {
        var pool = new MemoryPool(4096);
        var (first, second) = (new ResponseBlocks(), new ResponseBlocks());
        Assert.True(first.TryAdd(new byte[3000], pool));
        Assert.False(second.TryAdd(new byte[3000], pool));
        Assert.False(first.TryAdd(new byte[3000], pool));
        Assert.Equal((3002, 0), (first.Unsent, second.Unsent));
        Assert.InRange(pool.UsedBytes, 3002, pool.MaxBytes);

        first.Clear(pool);
        Assert.Equal((0, 0), (first.Unsent, pool.UsedBytes));
        Assert.True(second.TryAdd(new byte[3000], pool));
    }

    [Fact]
    public void Take_WhileABlockIsWritten_TheNextGathers()
    {
        var pool = new MemoryPool(1 << 20);
        var blocks = new ResponseBlocks();
        Assert.False(blocks.TryBeginWriting());
        blocks.TryAdd([1, 2], pool);
        blocks.TryAdd([3], pool);
        Assert.True(blocks.TryBeginWriting());
        Assert.False(blocks.TryBeginWriting());
        var block = blocks.Take(now: 5);
        Assert.Equal([0, 2, 1, 2, 0, 1, 3], block.ToArray());

        blocks.TryAdd([4], pool);
        Assert.Equal(10, blocks.Unsent);
        blocks.Written(block, pool, now: 6);
        Assert.Equal((3, 6), (blocks.Unsent, blocks.LastWritten));
        block = blocks.Take(now: 7);
        Assert.Equal([0, 1, 4], block.ToArray());
        blocks.Written(block, pool, now: 8);
        Assert.Equal((true, 0, 0), (blocks.IsWriting, blocks.Unsent, pool.UsedBytes));
        Assert.Equal(0, blocks.Take(now: 9).Count);
        Assert.False(blocks.IsWriting);
    }

    [Fact]
    public void IsStalled_ClientTakesNothing_AfterTwoSecondsUntilItDoes()
    {
        var pool = new MemoryPool(1 << 20);
        var blocks = new ResponseBlocks();
        blocks.TryAdd([1], pool);
        Assert.False(blocks.IsStalled(long.MaxValue));
        var block = blocks.Take(now: MonotonicClock.Second);
        Assert.False(blocks.IsStalled(3 * MonotonicClock.Second));
        Assert.True(blocks.IsStalled((3 * MonotonicClock.Second) + 1));
        blocks.Written(block, pool, now: 4 * MonotonicClock.Second);
        Assert.False(blocks.IsStalled(10 * MonotonicClock.Second));
    }
}
