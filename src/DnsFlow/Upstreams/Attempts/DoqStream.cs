using System.Buffers.Binary;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Transports.Quic;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>One query and its response on a stream of its own (RFC 9250 section 4.2): a length, a message with ID 0, the end of the stream; both ways alike.</summary>
internal static class DoqStream
{
    private const int Prefix = 2, MaxLength = ushort.MaxValue;

    /// <summary>
    /// A query as it is sent: padded (RFC 9250 section 5.4), and without edns-tcp-keepalive, which has no place here (section 5.5.2). Not rented: a query that is
    /// given up may still be written when its question is over.
    /// </summary>
    public static byte[] Frame(ReadOnlySpan<byte> query)
    {
        Span<byte> frame = stackalloc byte[Prefix + EncryptedQuery.MaxLength];
        var length = EncryptedQuery.Write(query, keepAlive: false, frame[Prefix..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(frame[Prefix..], 0);
        return frame[..(Prefix + length)].ToArray();
    }

    /// <summary>
    /// Reads the response and the end of the stream behind it. Throws <see cref="DoqProtocolException"/> when that is not what comes. A response to another question
    /// is counted and is <see cref="UpstreamError.BadResponse"/>: nothing more can come on this stream.
    /// </summary>
    /// <param name="stream">The stream, on which the query was sent.</param>
    /// <param name="server">Who was asked.</param>
    /// <param name="query">The query.</param>
    /// <param name="heard">Is told whenever octets came.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async ValueTask<UpstreamResult> ReadAsync(IQuicStream stream, Upstream server, ReadOnlyMemory<byte> query, Action heard, CancellationToken cancellationToken)
    {
        var buffer = Buffers.Rent(Prefix + MaxLength + 1);
        try
        {
            var length = 0;
            while (await stream.ReadAsync(buffer.AsMemory(length, Prefix + MaxLength + 1 - length), cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                heard();
                length += count;
                if (length > Prefix && length - Prefix > BinaryPrimitives.ReadUInt16BigEndian(buffer))
                {
                    throw new DoqProtocolException("sends more than one response on a stream");
                }
            }

            heard();
            return Read(server, query.Span, buffer.AsSpan(0, length));
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }

    private static UpstreamResult Read(Upstream server, ReadOnlySpan<byte> query, ReadOnlySpan<byte> octets)
    {
        if (octets.Length < Prefix || octets.Length - Prefix < BinaryPrimitives.ReadUInt16BigEndian(octets))
        {
            throw new DoqProtocolException(octets.IsEmpty ? "ends a stream without a response" : "ends a stream inside a response");
        }

        var message = octets[Prefix..];
        if (DnsHeader.TryRead(message, out var header) && header.Id != 0)
        {
            throw new DoqProtocolException("sends a response with an ID other than 0");
        }

        if (KeepAlive.IsIn(message))
        {
            throw new DoqProtocolException("sends edns-tcp-keepalive over QUIC");
        }

        if (!Reply.IsFor(query, 0, message))
        {
            server.Statistics.CountMismatch();
            server.Statistics.Problem = "its response is not for the question";
            return new UpstreamResult(null, UpstreamError.BadResponse, server);
        }

        server.Statistics.Problem = null;
        return Reply.Classify(server, message);
    }
}
