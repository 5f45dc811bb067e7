using System.Buffers.Binary;
using DnsFlow.Flows;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// The EDNS options of a response that belong to the stream and not to the answer: how long an idle connection is kept (RFC 7828), and padding, so that the length
/// of an encrypted response tells little (RFC 7830, RFC 8467). Only for a client that used the option itself.
/// </summary>
internal static class StreamOptions
{
    /// <summary>Padded responses are a multiple of this (RFC 8467 section 4.1).</summary>
    public const int PaddingBlock = 468;

    private const int OptionHeader = 4;

    /// <summary>
    /// Appends to the OPT record at the end of a response what the query asks for; returns the new length. A response without OPT, or without room, stays
    /// as it is.
    /// </summary>
    public static int Append(ReadOnlySpan<byte> query, in QueryView view, FlowTransport transport, TimeSpan idle, Span<byte> response, int length)
    {
        if (view.OptionsLength == 0)
        {
            return length;
        }

        var options = view.Options(query);
        var keepsAlive = transport is FlowTransport.Tcp or FlowTransport.Tls && Has(options, EdnsOptionCode.TcpKeepalive);
        var pads = transport is FlowTransport.Tls or FlowTransport.Https && Has(options, EdnsOptionCode.Padding);
        var opt = keepsAlive || pads ? FindOpt(response[..length]) : -1;
        if (opt < 0)
        {
            return length;
        }

        if (keepsAlive && length + OptionHeader + 2 <= response.Length)
        {
            var tenths = (ushort)Math.Min(ushort.MaxValue, idle.TotalMilliseconds / 100);
            BinaryPrimitives.WriteUInt16BigEndian(Add(response, opt, ref length, EdnsOptionCode.TcpKeepalive, 2), tenths);
        }

        var padding = (PaddingBlock - (length + OptionHeader) % PaddingBlock) % PaddingBlock;
        if (pads && length + OptionHeader + padding <= response.Length)
        {
            Add(response, opt, ref length, EdnsOptionCode.Padding, padding).Clear();
        }

        return length;
    }

    private static Span<byte> Add(Span<byte> response, int dataLength, ref int length, EdnsOptionCode code, int size)
    {
        var before = BinaryPrimitives.ReadUInt16BigEndian(response[dataLength..]);
        BinaryPrimitives.WriteUInt16BigEndian(response[dataLength..], (ushort)(before + OptionHeader + size));
        BinaryPrimitives.WriteUInt16BigEndian(response[length..], (ushort)code);
        BinaryPrimitives.WriteUInt16BigEndian(response[(length + 2)..], (ushort)size);
        var data = response.Slice(length + OptionHeader, size);
        length += OptionHeader + size;
        return data;
    }

    private static bool Has(ReadOnlySpan<byte> options, EdnsOptionCode code)
    {
        while (options.Length >= OptionHeader)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(options) == (ushort)code)
            {
                return true;
            }

            options = options[Math.Min(options.Length, OptionHeader + BinaryPrimitives.ReadUInt16BigEndian(options[2..]))..];
        }

        return false;
    }

    /// <summary>Where the length of the OPT record's data stands, when that record is the last one; -1 when it is not.</summary>
    private static int FindOpt(ReadOnlySpan<byte> response)
    {
        var (position, found) = (DnsHeader.Size, -1);
        if (!DnsHeader.TryRead(response, out var header))
        {
            return -1;
        }

        for (var i = 0; i < header.QuestionCount; i++)
        {
            position = WireName.Skip(response, position) + 4;
        }

        for (var i = header.AnswerCount + header.AuthorityCount + header.AdditionalCount; i > 0; i--)
        {
            position = WireName.Skip(response, position);
            if (position < 0 || position + 10 > response.Length)
            {
                return -1;
            }

            found = BinaryPrimitives.ReadUInt16BigEndian(response[position..]) == (ushort)RecordType.OPT ? position + 8 : -1;
            position += 10 + BinaryPrimitives.ReadUInt16BigEndian(response[(position + 8)..]);
        }

        return position == response.Length ? found : -1;
    }
}
