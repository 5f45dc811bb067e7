using DnsFlow.Copying;
using DnsFlow.Limits;

namespace DnsFlow.Tests.Copying;

public class StreamMemoryTests
{
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
