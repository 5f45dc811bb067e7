using DnsFlow.Transports;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Transports;

public class MessageFramingTests
{
    [Fact]
    public void TryRead_ManyMessages_TakesThemInOrder()
    {
        ReadOnlySpan<byte> data = [0, 1, 7, 0, 0, 0, 2, 8, 9, 0, 3, 1];
        Assert.True(MessageFraming.TryRead(ref data, out var first));
        Assert.Equal([7], first.ToArray());
        Assert.True(MessageFraming.TryRead(ref data, out var second));
        Assert.True(second.IsEmpty);
        Assert.True(MessageFraming.TryRead(ref data, out var third));
        Assert.Equal([8, 9], third.ToArray());
        Assert.False(MessageFraming.TryRead(ref data, out _));
        Assert.Equal([0, 3, 1], data.ToArray());
    }

    [Theory]
    [InlineData(65_535, 65_537, 65_537)]
    [InlineData(65_536, 70_000, 0)]
    [InlineData(10, 11, 0)]
    [InlineData(0, 2, 2)]
    public void Write_Length_IsWrittenOrRefused(int message, int room, int written)
        => Assert.Equal(written, MessageFraming.Write(new byte[message], new byte[room]));

    [Fact]
    public void WriteThenRead_AnyMessage_IsTheSame()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll<byte[]>(message =>
        {
            var framed = new byte[message.Length + 2];
            ReadOnlySpan<byte> data = framed.AsSpan(0, MessageFraming.Write(message, framed));
            return MessageFraming.TryRead(ref data, out var read) && read.SequenceEqual(message) && data.IsEmpty;
        }));

    [Fact]
    public void TryRead_AnyOctets_NeverReadsPastTheEnd()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll<byte[]>(octets =>
        {
            ReadOnlySpan<byte> data = octets;
            var taken = 0;
            while (MessageFraming.TryRead(ref data, out var message))
            {
                taken += 2 + message.Length;
            }

            return taken + data.Length == octets.Length;
        }));
}
