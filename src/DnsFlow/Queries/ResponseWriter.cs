using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// Writes a scrubbed response, fresh or cached, for one asker. Allocates nothing and never throws, whatever the message holds: a cached
/// entry may be overwritten while it is copied, which its reader finds out afterwards.
/// </summary>
internal static class ResponseWriter
{
    private const int ErrorOptionSize = 6;

    /// <summary>
    /// Copies <paramref name="message"/> (header, question, answer and authority sections) to <paramref name="destination"/> with the asker's ID, RD,
    /// CD and letter case, TTLs lessened by <paramref name="ageSeconds"/>, and our own OPT record behind it. AD is passed on only to
    /// askers that set AD or DO (RFC 6840 section 5.7). What does not fit <paramref name="maxSize"/> octets becomes an empty response with TC.
    /// Returns the length; the destination needs room for the header, the question and 17 octets of OPT.
    /// </summary>
    /// <param name="message">The response as <see cref="ResponseScrubber"/> made it; its question is as long as the asker's.</param>
    /// <param name="ttlOffsets">The offsets of its TTLs.</param>
    /// <param name="ageSeconds">Seconds since it came from upstream.</param>
    /// <param name="clientId">The asker's ID.</param>
    /// <param name="clientFlags">The flags of the asker's query.</param>
    /// <param name="clientQuestion">The asker's QNAME, QTYPE and QCLASS.</param>
    /// <param name="hasEdns">Whether the asker's query had an OPT record.</param>
    /// <param name="dnssecOk">The asker's DO.</param>
    /// <param name="maxSize">The most octets the asker takes.</param>
    /// <param name="code">RCODE, EDNS's upper bits included; without EDNS what has no place in the header becomes SERVFAIL.</param>
    /// <param name="error">The extended error to attach; left out when only it does not fit.</param>
    /// <param name="destination">Where the response is written.</param>
    /// <param name="ttl">The TTL of every record, of a response whose time is over (RFC 8767 section 4); 0 = their own, lessened.</param>
    public static int Write(
        ReadOnlySpan<byte> message, ReadOnlySpan<ushort> ttlOffsets, uint ageSeconds, ushort clientId, ushort clientFlags,
        ReadOnlySpan<byte> clientQuestion, bool hasEdns, bool dnssecOk, int maxSize, ResponseCode code, ExtendedErrorCode error,
        Span<byte> destination, uint ttl = 0)
    {
        if (!hasEdns && (int)code > DnsHeader.ResponseCodeMask)
        {
            code = ResponseCode.ServFail;
        }

        maxSize = Math.Min(maxSize, destination.Length);
        var flags = Flags(message, clientFlags, dnssecOk, code);
        if (ttl != 0)
        {
            flags &= unchecked((ushort)~DnsHeader.AuthenticDataBit);        // it was authentic; signatures may be over by now
        }

        var room = maxSize - message.Length - (hasEdns ? DnsResponses.OptSize : 0);
        if (room < 0)
        {
            return WriteTruncated(clientId, flags, clientQuestion, hasEdns, dnssecOk, code, error, destination);
        }

        message.CopyTo(destination);
        BinaryPrimitives.WriteUInt16BigEndian(destination, clientId);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], flags);
        clientQuestion.CopyTo(destination[DnsHeader.Size..]);
        if (ttl != 0)
        {
            SetTtls(destination[..message.Length], ttlOffsets, ttl);
        }
        else
        {
            LessenTtls(destination[..message.Length], ttlOffsets, ageSeconds);
        }

        return DnsResponses.AppendOpt(
            hasEdns, dnssecOk, code, destination, message.Length, room < ErrorOptionSize ? ExtendedErrorCode.None : error);
    }

    private static ushort Flags(ReadOnlySpan<byte> message, ushort clientFlags, bool dnssecOk, ResponseCode code)
    {
        var own = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        var passed = DnsHeader.TruncatedBit | (dnssecOk || (clientFlags & DnsHeader.AuthenticDataBit) != 0 ? DnsHeader.AuthenticDataBit : 0);
        return (ushort)(DnsResponses.ResponseFlags(clientFlags, code) | (own & passed));
    }

    private static int WriteTruncated(
        ushort clientId, ushort flags, ReadOnlySpan<byte> clientQuestion, bool hasEdns, bool dnssecOk, ResponseCode code,
        ExtendedErrorCode error, Span<byte> destination)
    {
        // AD speaks of the records, and there are none.
        var cut = (flags | DnsHeader.TruncatedBit) & ~DnsHeader.AuthenticDataBit;
        new DnsHeader(clientId, (ushort)cut, 1, 0, 0, 0).Write(destination);
        clientQuestion.CopyTo(destination[DnsHeader.Size..]);
        return DnsResponses.AppendOpt(hasEdns, dnssecOk, code, destination, DnsHeader.Size + clientQuestion.Length, error);
    }

    private static void SetTtls(Span<byte> message, ReadOnlySpan<ushort> ttlOffsets, uint ttl)
    {
        foreach (int offset in ttlOffsets)
        {
            if (offset + 4 <= message.Length)
            {
                BinaryPrimitives.WriteUInt32BigEndian(message[offset..], ttl);
            }
        }
    }

    private static void LessenTtls(Span<byte> message, ReadOnlySpan<ushort> ttlOffsets, uint ageSeconds)
    {
        if (ageSeconds == 0)
        {
            return;
        }

        foreach (int offset in ttlOffsets)
        {
            if (offset + 4 <= message.Length)
            {
                var field = message[offset..];
                var ttl = BinaryPrimitives.ReadUInt32BigEndian(field);
                BinaryPrimitives.WriteUInt32BigEndian(field, ttl > ageSeconds ? ttl - ageSeconds : 0);
            }
        }
    }
}
