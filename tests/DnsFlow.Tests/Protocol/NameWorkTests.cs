using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Tests.Protocol;

/// <summary>Messages whose names pointers make long, made to cost the reader time (RFC 9267 section 4).</summary>
public sealed class NameWorkTests
{
    private const int RecordSize = 16;

    // Every record names three: its owner, and two in the data of MINFO, each by a pointer that differs from the one before.
    [Theory]
    [InlineData(1, 4_000, false)]       // names of 127 labels
    [InlineData(1, 500, true)]
    [InlineData(63, 4_000, true)]       // names of four labels: long, and cheap
    public void TryRead_NamesThatPointersMakeLong_AreReadUpToTheLimit(int labelLength, int records, bool isRead)
    {
        var message = Message(LongName(labelLength), records, (_, i) => DnsHeader.Size + ((labelLength + 1) * (i % 2)));
        Assert.Equal(isRead, DnsMessageReader.TryRead(message, out var read, out var error));
        Assert.Equal(isRead ? MessageError.None : MessageError.TooManyNameSteps, error);
        Assert.Equal(isRead, read?.Answer.Count == records);
    }

    // Sixty records each point to the one before, and all others to the end of that chain.
    [Theory]
    [InlineData(0, 1_000, true)]
    [InlineData(0, 4_000, false)]
    [InlineData(1, 4_000, false)]
    public void TryRead_ChainsOfPointers_CountThoughTheyWriteNothing(int labelLength, int records, bool isRead)
    {
        byte[] name = labelLength == 0 ? [0] : LongName(labelLength);
        var message = Message(name, records, static (start, i) => i == 0 ? DnsHeader.Size : start + (RecordSize * (i < 60 ? i - 1 : 59 - (i % 2))));
        Assert.Equal(isRead, DnsMessageReader.TryRead(message, out _, out var error));
        Assert.Equal(isRead ? MessageError.None : MessageError.TooManyNameSteps, error);
    }

    [Fact]
    public void TryRead_AnyMessage_ExpandsNoMoreThanTheLimit()
    {
        var random = new Random(4711);
        var (good, refused) = (0, 0);
        for (var round = 0; round < 200; round++)
        {
            var name = LongName(random.Next(1, 8));
            var message = Message(name, random.Next(1, 4_000), (_, _) => DnsHeader.Size + LabelStart(name, random));
            if (DnsMessageReader.TryRead(message, out var read, out var error))
            {
                good++;
                Assert.InRange(read.Answer.Sum(static record => 3 * WireName.CountLabels(record.Name.Wire)), 1, DnsMessageReader.MaxNameSteps);
            }
            else
            {
                refused++;
                Assert.Equal(MessageError.TooManyNameSteps, error);
            }
        }

        Assert.True(good > 20 && refused > 20, $"{good} were read and {refused} refused");
    }

    private static int LabelStart(byte[] name, Random random)
    {
        var labels = new List<int>();
        for (var offset = 0; name[offset] != 0; offset += name[offset] + 1)
        {
            labels.Add(offset);
        }

        return labels[random.Next(labels.Count)];
    }

    private static byte[] LongName(int labelLength)
    {
        var name = new List<byte>();
        while (name.Count + labelLength + 2 <= WireName.MaxLength)
        {
            name.AddRange([(byte)labelLength, .. Enumerable.Repeat((byte)'x', labelLength)]);
        }

        return [.. name, 0];
    }

    /// <summary>A response with a question for a name and records of MINFO; <paramref name="pointer"/> is told where the records begin and which one it is for.</summary>
    private static byte[] Message(byte[] name, int records, Func<int, int, int> pointer)
    {
        var start = DnsHeader.Size + name.Length + 4;
        var message = new byte[start + (records * RecordSize)];
        new DnsHeader(1, 0x8180, 1, (ushort)records, 0, 0).Write(message);
        name.CopyTo(message, DnsHeader.Size);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(start - 4), 14);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(start - 2), 1);
        for (var i = 0; i < records; i++)
        {
            var record = message.AsSpan(start + (i * RecordSize));
            var target = (ushort)(0xC000 | Math.Min(pointer(start, i), 0x3FFF));
            BinaryPrimitives.WriteUInt16BigEndian(record, target);
            BinaryPrimitives.WriteUInt16BigEndian(record[2..], 14);
            BinaryPrimitives.WriteUInt16BigEndian(record[4..], 1);
            BinaryPrimitives.WriteUInt16BigEndian(record[10..], 4);
            BinaryPrimitives.WriteUInt16BigEndian(record[12..], target);
            BinaryPrimitives.WriteUInt16BigEndian(record[14..], target);
        }

        return message;
    }
}
