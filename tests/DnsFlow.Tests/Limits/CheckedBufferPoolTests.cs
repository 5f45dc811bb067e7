using DnsFlow.Limits;
using DnsFlow.Transports;

namespace DnsFlow.Tests.Limits;

public class CheckedBufferPoolTests
{
    private readonly CheckedBufferPool _pool = new();

    [Fact]
    public void Return_Once_IsNoFault()
    {
        for (var round = 0; round < 3; round++)
        {
            var buffer = _pool.Rent(1000);
            buffer.AsSpan().Fill((byte)round);
            _pool.Return(buffer);
        }

        Assert.Equal(0, _pool.Faults);
    }

    [Fact]
    public void Return_Twice_IsFound()
    {
        var buffer = _pool.Rent(1000);
        _pool.Return(buffer);
        Assert.Throws<InvalidOperationException>(() => _pool.Return(buffer));
        Assert.Equal(1, _pool.Faults);
    }

    [Fact]
    public void Return_OfAForeignBuffer_IsFound()
    {
        Assert.Throws<InvalidOperationException>(() => _pool.Return(new byte[1024]));
        Assert.Equal(1, _pool.Faults);
    }

    [Fact]
    public void Rent_AfterAWriteToAReturnedBuffer_IsFound()
    {
        var buffer = _pool.Rent(1000);
        _pool.Return(buffer);
        buffer[7] = 1;
        Assert.Throws<InvalidOperationException>(() => _pool.Rent(1000));
        Assert.Equal(1, _pool.Faults);
    }

    [Fact]
    public void Return_PoisonsWhatTheBufferHeld()
    {
        var buffer = _pool.Rent(1000);
        "secret"u8.CopyTo(buffer);
        _pool.Return(buffer);
        Assert.False(buffer.AsSpan().ContainsAnyExcept(CheckedBufferPool.Poison));
    }

    [Fact]
    public void Buffers_OfATestRun_AreChecked()
    {
#if DEBUG
        Assert.True(Buffers.AreChecked);
#else
        Assert.False(Buffers.AreChecked);
#endif
    }

    [Fact]
    public void RentedBytes_RentAndReturn_Counts()
    {
        var buffer = Buffers.Rent(1 << 20);
        Assert.True(Buffers.RentedBytes >= 1 << 20);
        Buffers.Return(buffer);
    }

    [Fact]
    public void DatagramBatch_SlotNoLongerInUse_IsPoisonedInADebugBuild()
    {
        using var batch = new DatagramBatch(capacity: 4, slotSize: 64);
        batch.Buffer(1).Fill(7);
        batch.Count = 2;
        batch.Count = 1;
        Assert.Equal(Buffers.AreChecked ? CheckedBufferPool.Poison : 7, batch.Buffer(1)[0]);
    }
}
