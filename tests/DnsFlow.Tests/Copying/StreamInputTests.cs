using System.Buffers.Binary;
using DnsFlow.Copying;
using DnsFlow.Limits;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Copying;

public sealed class StreamInputTests
{
    [Fact]
    public void TryTake_AnyMessagesCutAnywhere_ComeOutWhole() => Prop.ForAll<byte[][], byte[]>((messages, cuts) =>
    {
        var stream = messages.SelectMany(Frame).ToArray();
        var input = new StreamInput(MemoryPool.Unbounded);
        var taken = new List<byte[]>();
        var position = 0;
        for (var i = 0; position < stream.Length; i++)
        {
            var length = Math.Min(stream.Length - position, cuts.Length == 0 ? stream.Length : Math.Max(1, (int)cuts[i % cuts.Length]));
            ReadOnlySpan<byte> data = stream.AsSpan(position, length);
            while (input.TryTake(ref data, out var message))
            {
                taken.Add(message.ToArray());
            }

            position += length;
        }

        return !input.IsPartial && taken.Count == messages.Length && taken.Zip(messages).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void IsPartial_MessageCut_UntilItIsComplete()
    {
        var input = new StreamInput(MemoryPool.Unbounded);
        ReadOnlySpan<byte> first = [0, 3, 1];
        Assert.False(input.TryTake(ref first, out _));
        Assert.True(input.IsPartial);
        ReadOnlySpan<byte> rest = [2, 3];
        Assert.True(input.TryTake(ref rest, out var message));
        Assert.Equal([1, 2, 3], message.ToArray());
        Assert.False(input.IsPartial);
    }

    private static byte[] Frame(byte[] message)
    {
        var framed = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed, 2);
        return framed;
    }
}
