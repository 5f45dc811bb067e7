using DnsFlow.Limits;

namespace DnsFlow.Tests.Limits;

public sealed class PageBufferTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4_097)]
    [InlineData((5 << 20) + 3)]
    public void Of_AnyLength_IsZeroedAndWritableToItsEnd(int length)
    {
        using var buffer = PageBuffer.Of(length);
        Assert.Equal(-1, buffer.Slice(0, length).IndexOfAnyExcept((byte)0));
        buffer.Slice(length - 1, 1)[0] = 7;
        Assert.Equal(7, buffer.From(length - 1)[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3 << 20)]
    [InlineData((8L << 30) - 1)]
    public void Keep_LessThanReserved_KeepsWhatIsThere(long reserved)
    {
        using var buffer = PageBuffer.Reserve(reserved);
        var kept = (int)Math.Min(reserved, (2 << 20) + 5);
        buffer.Slice(0, kept).Fill(9);
        buffer.Keep(kept);
        Assert.Equal(kept, buffer.Length);
        Assert.Equal(-1, buffer.Slice(0, kept).IndexOfAnyExcept((byte)9));
        Assert.Equal(kept, buffer.From(0).Length);
    }

    [Theory]
    [InlineData(0, 11)]
    [InlineData(10, 1)]
    [InlineData(-1, 1)]
    [InlineData(5, -1)]
    [InlineData(long.MaxValue, 1)]
    public void Slice_OutsideOfTheBlock_Throws(long offset, int length)
    {
        using var buffer = PageBuffer.Of(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(offset, length).Length);
    }

    [Fact]
    public void Dispose_ThenUsed_Throws()
    {
        var buffer = PageBuffer.Of(10);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(0, 1).Length);
    }
}
