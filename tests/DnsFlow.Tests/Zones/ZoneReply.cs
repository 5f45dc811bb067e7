using System.Buffers.Binary;
using System.Globalization;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Tests.Zones;

/// <summary>A response taken apart: records as text, "owner TTL TYPE data".</summary>
internal sealed class ZoneReply
{
    public StepResult Result { get; private init; }

    public DnsHeader Header { get; private init; }

    public ResponseCode Code => Header.ResponseCode;

    public bool IsAuthoritative => (Header.Flags & DnsHeader.AuthoritativeBit) != 0;

    public int Length { get; private init; }

    public string Question { get; private init; } = "";

    public List<string> Answers { get; } = [];

    public List<string> Authorities { get; } = [];

    public List<string> Additionals { get; } = [];

    public static ZoneReply Read(StepResult result, ReadOnlySpan<byte> message)
    {
        if (result != StepResult.Answered)
        {
            return new ZoneReply { Result = result };
        }

        Assert.True(DnsHeader.TryRead(message, out var header));
        Assert.Equal(1, header.QuestionCount);
        var reply = new ZoneReply { Result = result, Header = header, Length = message.Length, Question = ReadName(message, 12, out var position) };
        position += 4;
        ReadSection(message, ref position, header.AnswerCount, reply.Answers);
        ReadSection(message, ref position, header.AuthorityCount, reply.Authorities);
        ReadSection(message, ref position, header.AdditionalCount, reply.Additionals);
        Assert.Equal(message.Length, position);
        return reply;
    }

    private static void ReadSection(ReadOnlySpan<byte> message, ref int position, int count, List<string> records)
    {
        for (var i = 0; i < count; i++)
        {
            var owner = ReadName(message, position, out position);
            var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[position..]);
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(message[(position + 4)..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(position + 8)..]);
            var data = RdataText.ToText(type, RecordClass.IN, message.Slice(position + 10, length));
            records.Add(type == RecordType.OPT ? "OPT" : string.Create(CultureInfo.InvariantCulture, $"{owner} {ttl} {type.ToText()} {data}"));
            position += 10 + length;
        }
    }

    private static string ReadName(ReadOnlySpan<byte> message, int offset, out int next)
    {
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        var length = WireName.Expand(message, offset, name, out next);
        Assert.True(length > 0, $"no name at offset {offset}");
        Assert.True(DomainName.TryFromWire(name[..length], out var read));
        return read.ToString();
    }
}
