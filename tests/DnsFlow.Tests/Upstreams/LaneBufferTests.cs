using System.Buffers.Binary;
using DnsFlow.Upstreams.Lanes;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Upstreams;

/// <summary>The octets of a lane: out by a ring, in by batches of whole messages.</summary>
public class LaneBufferTests
{
    [Fact]
    public void Output_AnyMessagesWrittenInAnyPieces_ComeOutFramedAndInOrder()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll<int[], PositiveInt>((lengths, piece) =>
        {
            var output = new LaneOutput();
            var expected = new List<byte>();
            var written = new List<byte>();
            foreach (var message in lengths.Select((length, i) => Message(Math.Abs(length % 400), (byte)i)))
            {
                while (!output.TryAdd(message))
                {
                    Drain(output, written, 1 + (piece.Get % 20_000));
                }

                expected.AddRange([(byte)(message.Length >> 8), (byte)message.Length, .. message]);
            }

            while (!output.IsEmpty)
            {
                Drain(output, written, 1 + (piece.Get % 20_000));
            }

            return expected.SequenceEqual(written);
        }));

    [Fact]
    public void Output_OfManyRounds_GoesRoundTheRing()
    {
        var output = new LaneOutput();
        var written = new List<byte>();
        for (var i = 0; i < 2_000; i++)
        {
            Assert.True(output.TryAdd(Message(128, (byte)i)));
            Drain(output, written, int.MaxValue);
        }

        Assert.Equal(2_000 * 130, written.Count);
        Assert.All(Enumerable.Range(0, 2_000), i => Assert.Equal((byte)i, written[(i * 130) + 129]));
    }

    [Fact]
    public void Output_TakenOneByOne_ComesWholeAcrossTheEndOfTheRing()
    {
        var output = new LaneOutput();
        var frame = new byte[400];
        for (var i = 0; i < 2_000; i++)
        {
            Assert.True(output.TryAdd(Message(130 + (i % 250), (byte)i)));
            Assert.Equal(132 + (i % 250), output.Take(frame));
            Assert.All(frame[2..(132 + (i % 250))], octet => Assert.Equal((byte)i, octet));
        }

        Assert.Equal(0, output.Take(frame));
    }

    [Fact]
    public void Output_Full_TakesNoMore()
    {
        var output = new LaneOutput();
        var count = 0;
        while (output.TryAdd(Message(384, 1)))
        {
            count++;
        }

        Assert.True(count >= StreamLane.MaxInFlight);
        Assert.Equal(64 * 1024 / 386, count);
    }

    [Fact]
    public void Output_AddAndNext_AllocateNothing()
    {
        var output = new LaneOutput();
        var message = Message(128, 7);
        output.TryAdd(message);
        output.Advance(output.Next().Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            output.TryAdd(message);
            output.Advance(output.Next().Length);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Batch_AnyMessagesReadInAnyPieces_AreWholeAndInOrder()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll<int[], PositiveInt>((lengths, piece) =>
        {
            var messages = lengths.Select((length, i) => Message(Math.Abs(length) * 997 % 65_536, (byte)i)).ToList();
            var stream = messages.SelectMany(message => (byte[])[(byte)(message.Length >> 8), (byte)message.Length, .. message]).ToArray();
            return Read(stream, 1 + (piece.Get * 131 % 30_000)).Select(Convert.ToHexString).SequenceEqual(messages.Select(Convert.ToHexString));
        }));

    private static List<byte[]> Read(byte[] stream, int piece)
    {
        var read = new List<byte[]>();
        LaneBatch[] batches = [new(), new()];
        var turn = 0;
        var batch = batches[0];
        batch.Begin(null);
        for (var position = 0; position < stream.Length;)
        {
            var count = Math.Min(Math.Min(piece, batch.Free.Length), stream.Length - position);
            stream.AsSpan(position, count).CopyTo(batch.Free.Span);
            position += count;
            if (batch.Add(count))
            {
                Split(batch.Messages, read);
                var next = batches[++turn % 2];
                next.Begin(batch);
                batch = next;
            }
        }

        return read;
    }

    private static void Split(ReadOnlySpan<byte> messages, List<byte[]> into)
    {
        while (messages.Length > 0)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(messages);
            into.Add(messages.Slice(2, length).ToArray());
            messages = messages[(2 + length)..];
        }
    }

    private static void Drain(LaneOutput output, List<byte> written, int most)
    {
        var octets = output.Next();
        var count = Math.Min(most, octets.Length);
        written.AddRange(octets.Span[..count].ToArray());
        output.Advance(count);
    }

    private static byte[] Message(int length, byte value)
    {
        var message = new byte[length];
        message.AsSpan().Fill(value);
        return message;
    }
}
