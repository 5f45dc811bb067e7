using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Upstreams;

/// <summary>
/// What is added to a query that goes over an encrypted connection: padding to a multiple of 128 octets, so that its length tells little of the name (RFC 7830,
/// RFC 8467 section 4.1), and over TLS the wish to keep the connection (RFC 7828). Allocates nothing.
/// </summary>
internal static class EncryptedQuery
{
    /// <summary>Queries are as long as a multiple of this.</summary>
    public const int Block = 128;

    /// <summary>The longest padded query.</summary>
    public const int MaxLength = (UpstreamQueryWriter.MaxLength + (2 * OptionHeader) + Block - 1) / Block * Block;

    private const int OptionHeader = 4;

    /// <summary>
    /// Writes a query by <see cref="UpstreamQueryWriter"/>, padded. Returns the length; <paramref name="destination"/> needs <see cref="MaxLength"/> octets at most.
    /// </summary>
    public static int Write(ReadOnlySpan<byte> query, bool keepAlive, Span<byte> destination)
    {
        var optLength = WireName.Skip(query, DnsHeader.Size) + 4 + 9;
        query.CopyTo(destination);
        var end = query.Length;
        if (keepAlive)
        {
            end = WriteOption(destination, end, EdnsOptionCode.TcpKeepalive, 0);
        }

        var padding = (Block - ((end + OptionHeader) % Block)) % Block;
        end = WriteOption(destination, end, EdnsOptionCode.Padding, padding);
        var options = BinaryPrimitives.ReadUInt16BigEndian(query[optLength..]) + end - query.Length;
        BinaryPrimitives.WriteUInt16BigEndian(destination[optLength..], (ushort)options);
        return end;
    }

    private static int WriteOption(Span<byte> message, int position, EdnsOptionCode code, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message[position..], (ushort)code);
        BinaryPrimitives.WriteUInt16BigEndian(message[(position + 2)..], (ushort)length);
        message.Slice(position + OptionHeader, length).Clear();
        return position + OptionHeader + length;
    }
}
