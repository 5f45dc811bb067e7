using DnsFlow.Limits;
using DnsFlow.Transports.Https;

namespace DnsFlow.Tests.Transports.Https;

/// <summary>What the requests of an HTTP/2 connection hold.</summary>
public sealed class Http2StreamsTests
{
    private const byte EndStream = 1;

    private readonly MemoryPool _memory = new(10 * Http2Streams.RequestBytes);
    private readonly Http2Streams _streams;
    private int _full;

    public Http2StreamsTests() => _streams = new Http2Streams(_memory, () => _full++);

    private int Charged => (int)(_memory.UsedBytes / Http2Streams.RequestBytes);

    [Fact]
    public void FromClient_FirstRequests_AreFree()
    {
        Ask(1, 3);
        Assert.Equal(0, Charged);
        Ask(5, 7);
        Assert.Equal(2, Charged);
    }

    [Theory]
    [InlineData(Http2Frame.Data, EndStream)]
    [InlineData(Http2Frame.Headers, EndStream)]
    [InlineData(Http2Frame.Reset, 0)]
    public void FromServer_EndOfAStream_GivesBack(byte type, byte flags)
    {
        Ask(1, 3, 5);
        _streams.FromServer(new Http2Frame(Http2Frame.Headers, 0, 5, 10));
        _streams.FromServer(new Http2Frame(Http2Frame.Data, 0, 5, 10));
        Assert.Equal(1, Charged);
        _streams.FromServer(new Http2Frame(type, flags, 5, 0));
        _streams.FromServer(new Http2Frame(type, flags, 5, 0));
        Assert.Equal(0, Charged);
        Ask(7, 9);
        Assert.Equal(2, Charged);
    }

    [Fact]
    public void FromClient_Reset_GivesBack()
    {
        Ask(1, 3, 5);
        Reset(5);
        Reset(5);
        Reset(99);
        Assert.Equal(0, Charged);
        Ask(7);
        Assert.Equal(1, Charged);
    }

    [Fact]
    public void FromClient_HeadersOfAStreamThatIsOpen_AreNoRequest()
    {
        Ask(1, 3, 5);
        Ask(5, 3, 1);
        Assert.Equal(1, Charged);
    }

    [Fact]
    public void FromClient_PoolIsFull_IsToldOnceAndChargesNothing()
    {
        Ask([.. Enumerable.Range(0, 12).Select(static i => (2 * i) + 1)]);
        Assert.Equal((10, 0), (Charged, _full));
        Ask(101, 103, 105);
        Assert.Equal((10, 1), (Charged, _full));
        _streams.Close();
        Assert.Equal(0, Charged);
    }

    [Fact]
    public void FromClient_MoreThanAnyServerOpens_IsFull()
    {
        var (memory, full) = (new MemoryPool(long.MaxValue), 0);
        var streams = new Http2Streams(memory, () => full++);
        for (var i = 0; i < 2 * Http2Streams.MaxOpen; i++)
        {
            streams.FromClient(new Http2Frame(Http2Frame.Headers, 0, (2 * i) + 1, 0));
        }

        Assert.Equal(1, full);
        Assert.Equal((Http2Streams.MaxOpen - Http2Streams.FreeRequests) * Http2Streams.RequestBytes, memory.UsedBytes);
    }

    [Fact]
    public void Close_GivesAllBackOnceAndForAll()
    {
        Ask(1, 3, 5, 7, 9);
        _streams.Close();
        _streams.Close();
        Reset(9);
        Ask(11);
        Assert.Equal(0, _memory.UsedBytes);
    }

    [Fact]
    public void RandomFrames_WhatIsChargedFollowsWhatIsOpen()
    {
        var random = new Random(7);
        var (memory, streams) = (new MemoryPool(long.MaxValue), new HashSet<int>());
        var tested = new Http2Streams(memory, () => Assert.Fail("there is room"));
        for (int i = 0, next = 1; i < 20_000; i++)
        {
            if (streams.Count < 100 && random.Next(2) == 0)
            {
                tested.FromClient(new Http2Frame(Http2Frame.Headers, 0, next, 0));
                streams.Add(next);
                next += 2;
            }
            else
            {
                var stream = random.Next(next + 2);
                tested.FromServer(new Http2Frame(Http2Frame.Data, EndStream, stream, 0));
                streams.Remove(stream);
            }

            Assert.Equal(Math.Max(0, streams.Count - Http2Streams.FreeRequests) * (long)Http2Streams.RequestBytes, memory.UsedBytes);
        }
    }

    private void Ask(params int[] streams)
    {
        foreach (var stream in streams)
        {
            _streams.FromClient(new Http2Frame(Http2Frame.Headers, EndStream, stream, 0));
        }
    }

    private void Reset(int stream) => _streams.FromClient(new Http2Frame(Http2Frame.Reset, 0, stream, 4));
}
