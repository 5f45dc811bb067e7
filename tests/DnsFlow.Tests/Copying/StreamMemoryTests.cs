using DnsFlow.Copying;
using DnsFlow.Limits;

namespace DnsFlow.Tests.Copying;

public class StreamMemoryTests
{
    [Fact]
    public void TryAdd_PoolUsedUp_RefusesAndKeepsWhatItHas()
    {
        var pool = new MemoryPool(4096);
        var first = new StreamOutput(pool);
        var second = new StreamOutput(pool);
        Assert.True(first.TryAdd(new byte[3000]));
        Assert.False(second.TryAdd(new byte[3000]));
        Assert.False(first.TryAdd(new byte[3000]));
        Assert.Equal((3002, 0), (first.Unsent, second.Unsent));
        Assert.InRange(pool.UsedBytes, 3002, pool.MaxBytes);

        first.Clear();
        Assert.Equal(0, pool.UsedBytes);
        Assert.True(second.TryAdd(new byte[3000]));
        second.Clear();
    }

    [Fact]
    public void TryTake_NoMemoryForAPart_SaysSoAndTakesNoMore()
    {
        var input = new StreamInput(new MemoryPool(512));
        ReadOnlySpan<byte> data = [0x10, 0x00, 1];      // the first octets of 4,096
        Assert.False(input.TryTake(ref data, out _));
        Assert.False(input.IsStarved);
        data = [2];
        Assert.False(input.TryTake(ref data, out _));
        Assert.True(input.IsStarved);
        input.Clear();
    }
}
