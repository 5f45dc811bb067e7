using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>What is taken from an upstream's OPT record: the upper RCODE bits and the first extended error. Nothing else of it is passed on.</summary>
internal static class EdnsReply
{
    private const int ExtendedErrorOption = 15;

    /// <summary>RCODE with EDNS's upper eight bits (RFC 6891 section 6.1.3).</summary>
    public static ResponseCode Code(ResponseCode header, in RecordPlace opt) => (ResponseCode)((opt.Ttl >> 24 << 4) | (uint)header);

    /// <summary>The first extended error (RFC 8914); <see cref="ExtendedErrorCode.None"/> when there is none or the options are malformed.</summary>
    public static ExtendedErrorCode Error(ReadOnlySpan<byte> message, in RecordPlace opt)
    {
        var options = message.Slice(opt.Data, opt.DataLength);
        while (options.Length >= 4)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
            if (4 + length > options.Length)
            {
                break;
            }

            if (BinaryPrimitives.ReadUInt16BigEndian(options) == ExtendedErrorOption && length >= 2)
            {
                return (ExtendedErrorCode)BinaryPrimitives.ReadUInt16BigEndian(options[4..]);
            }

            options = options[(4 + length)..];
        }

        return ExtendedErrorCode.None;
    }
}
