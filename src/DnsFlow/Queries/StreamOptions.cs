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
        var keepsAlive = transport is FlowTransport.Tcp or FlowTransport.Tls && OptRecord.TryFind(options, EdnsOptionCode.TcpKeepalive, out _);
        var pads = transport is FlowTransport.Tls or FlowTransport.Https && OptRecord.TryFind(options, EdnsOptionCode.Padding, out _);
        var opt = keepsAlive || pads ? OptRecord.FindLast(response[..length]) : -1;
        if (opt < 0)
        {
            return length;
        }

        if (keepsAlive && length + OptionHeader + 2 <= response.Length)
        {
            var tenths = (ushort)Math.Min(ushort.MaxValue, idle.TotalMilliseconds / 100);
            BinaryPrimitives.WriteUInt16BigEndian(OptRecord.Add(response, opt, ref length, EdnsOptionCode.TcpKeepalive, 2), tenths);
        }

        var padding = (PaddingBlock - (length + OptionHeader) % PaddingBlock) % PaddingBlock;
        if (pads && length + OptionHeader + padding <= response.Length)
        {
            OptRecord.Add(response, opt, ref length, EdnsOptionCode.Padding, padding).Clear();
        }

        return length;
    }
}
