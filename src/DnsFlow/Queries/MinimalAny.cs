using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>The synthesised HINFO answer to QTYPE=ANY (RFC 8482 section 4.2).</summary>
internal static class MinimalAny
{
    private const uint Ttl = 8482;

    /// <summary>Writes the response and returns its length.</summary>
    public static int Write(ReadOnlySpan<byte> query, in QueryView view, Span<byte> destination)
    {
        ReadOnlySpan<byte> data = [7, (byte)'R', (byte)'F', (byte)'C', (byte)'8', (byte)'4', (byte)'8', (byte)'2', 0];
        var question = view.Question(query);
        new DnsHeader(view.Header.Id, DnsResponses.ResponseFlags(view.Header.Flags, ResponseCode.NoError), 1, 1, 0, 0).Write(destination);
        question.CopyTo(destination[DnsHeader.Size..]);
        var record = destination[view.QuestionEnd..];
        BinaryPrimitives.WriteUInt16BigEndian(record, 0xC000 | DnsHeader.Size);
        BinaryPrimitives.WriteUInt16BigEndian(record[2..], (ushort)RecordType.HINFO);
        BinaryPrimitives.WriteUInt16BigEndian(record[4..], (ushort)view.Class);
        BinaryPrimitives.WriteUInt32BigEndian(record[6..], Ttl);
        BinaryPrimitives.WriteUInt16BigEndian(record[10..], (ushort)data.Length);
        data.CopyTo(record[12..]);
        return DnsResponses.AppendOpt(view, ResponseCode.NoError, destination, view.QuestionEnd + 12 + data.Length);
    }
}
