using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>How long a response may be kept by an HTTP cache.</summary>
internal static class Freshness
{
    /// <summary>
    /// The lowest TTL of the answer section; without answers what the SOA record of the authority section allows (RFC 2308), else 0: in seconds
    /// (RFC 8484 section 5.1). Never throws; 0 for what cannot be read and for failures.
    /// </summary>
    public static uint Seconds(ReadOnlySpan<byte> response)
    {
        if (!DnsHeader.TryRead(response, out var header)
            || (header.Flags & DnsHeader.ResponseCodeMask) is not ((int)ResponseCode.NoError or (int)ResponseCode.NXDomain))
        {
            return 0;
        }

        var position = DnsHeader.Size;
        for (var i = 0; i < header.QuestionCount; i++)
        {
            position = WireName.Skip(response, position) + 4;
        }

        var (lowest, count) = (uint.MaxValue, header.AnswerCount > 0 ? header.AnswerCount : header.AuthorityCount);
        for (var i = 0; i < count; i++)
        {
            position = WireName.Skip(response, position);
            if (position < DnsHeader.Size || position + 10 > response.Length)
            {
                return 0;
            }

            var end = position + 10 + BinaryPrimitives.ReadUInt16BigEndian(response[(position + 8)..]);
            if (end > response.Length)
            {
                return 0;
            }

            var isSoa = BinaryPrimitives.ReadUInt16BigEndian(response[position..]) == (ushort)RecordType.SOA;
            if (header.AnswerCount > 0 || isSoa)
            {
                lowest = Math.Min(lowest, BinaryPrimitives.ReadUInt32BigEndian(response[(position + 4)..]));
            }

            if (header.AnswerCount == 0 && isSoa && end >= position + 14)
            {
                lowest = Math.Min(lowest, BinaryPrimitives.ReadUInt32BigEndian(response[(end - 4)..]));
            }

            position = end;
        }

        return lowest == uint.MaxValue ? 0 : lowest;
    }
}
