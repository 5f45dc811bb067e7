using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Upstreams;

/// <summary>Decides whether a message is the reply to a query (RFC 5452 section 9.1). Never throws, allocates nothing.</summary>
internal static class ReplyMatcher
{
    /// <summary>Replies that do not match before a question is no longer asked by datagrams.</summary>
    public const int MaxMismatches = 20;

    /// <summary>
    /// Compares everything at once: QR, OPCODE, ID, QDCOUNT, QNAME octet by octet, QTYPE and QCLASS. The socket has already seen to it that the
    /// message comes from the server.
    /// </summary>
    /// <remarks>
    /// A reply without a question matches only if it is FORMERR or NOTIMP and empty: servers that cannot read our query answer with the
    /// bare header. It proves no more than ID and port, but all it can do is end this attempt, and whoever guesses those could have forged a whole answer.
    /// SERVFAIL and REFUSED without a question are not believed: any server that knows these codes can repeat a question.
    /// </remarks>
    /// <param name="reply">The message.</param>
    /// <param name="id">The ID of the query.</param>
    /// <param name="question">The query's QNAME as sent, QTYPE and QCLASS.</param>
    public static ReplyMatch Match(ReadOnlySpan<byte> reply, ushort id, ReadOnlySpan<byte> question)
    {
        if (!DnsHeader.TryRead(reply, out var header))
        {
            return ReplyMatch.Malformed;
        }

        if (header.Id != id || !header.IsResponse || header.OpCode != OpCode.Query)
        {
            return ReplyMatch.Mismatch;
        }

        if (header.QuestionCount != 1)
        {
            return IsBareError(header) ? ReplyMatch.Match : ReplyMatch.Mismatch;
        }

        var body = reply[DnsHeader.Size..];
        return body.StartsWith(question) ? ReplyMatch.Match
            : WireName.Skip(reply, DnsHeader.Size) is var end && (end < 0 || end + 4 > reply.Length) ? ReplyMatch.Malformed
            : ReplyMatch.Mismatch;
    }

    /// <summary>Whether a matching reply repeats the question; if not it is an error without content.</summary>
    public static bool HasQuestion(ReadOnlySpan<byte> reply) => BinaryPrimitives.ReadUInt16BigEndian(reply[4..]) == 1;

    /// <summary>
    /// Whether all records that the header announces are there. A reply that was cut (TC) need not be whole, since it is not used.
    /// </summary>
    public static bool IsWhole(ReadOnlySpan<byte> reply)
    {
        if (!DnsHeader.TryRead(reply, out var header))
        {
            return false;
        }

        if (header.IsTruncated)
        {
            return true;
        }

        var position = DnsHeader.Size;
        for (var i = 0; i < header.QuestionCount && position >= 0; i++)
        {
            position = WireName.Skip(reply, position) is var end && end >= 0 && end + 4 <= reply.Length ? end + 4 : -1;
        }

        var records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        for (var i = 0; i < records && position >= 0; i++)
        {
            position = SkipRecord(reply, position);
        }

        return position >= 0;
    }

    /// <summary>Whether a response says that this server cannot help: SERVFAIL, REFUSED, FORMERR or NOTIMP. Another one may.</summary>
    public static bool IsBad(ReadOnlySpan<byte> reply)
        => (ResponseCode)(reply[3] & DnsHeader.ResponseCodeMask) is ResponseCode.ServFail or ResponseCode.Refused or ResponseCode.FormErr or ResponseCode.NotImp;

    /// <summary>Whether a response was cut (TC).</summary>
    public static bool IsTruncated(ReadOnlySpan<byte> reply) => (reply[2] & (DnsHeader.TruncatedBit >> 8)) != 0;

    private static bool IsBareError(in DnsHeader header)
        => header is { QuestionCount: 0, AnswerCount: 0, AuthorityCount: 0 }
            && (ResponseCode)(header.Flags & DnsHeader.ResponseCodeMask) is ResponseCode.FormErr or ResponseCode.NotImp;

    private static int SkipRecord(ReadOnlySpan<byte> reply, int position)
    {
        var fields = WireName.Skip(reply, position);
        if (fields < 0 || fields + 10 > reply.Length)
        {
            return -1;
        }

        var end = fields + 10 + BinaryPrimitives.ReadUInt16BigEndian(reply[(fields + 8)..]);
        return end <= reply.Length ? end : -1;
    }
}
