using System.Buffers.Binary;

namespace DnsFlow.Transports;

/// <summary>DNS messages on a stream: two octets of length, then the message (RFC 1035 section 4.2.2, RFC 7766 section 8).</summary>
internal static class MessageFraming
{
    /// <summary>Octets of the length in front of each message.</summary>
    public const int PrefixLength = 2;

    /// <summary>The longest message.</summary>
    public const int MaxMessageLength = ushort.MaxValue;

    /// <summary>
    /// Takes the next whole message off the front of <paramref name="data"/>; many may stand behind each other. False when there is no whole one:
    /// <paramref name="data"/> is left as it was.
    /// </summary>
    public static bool TryRead(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> message)
    {
        if (data.Length >= PrefixLength)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(data);
            if (data.Length - PrefixLength >= length)
            {
                message = data.Slice(PrefixLength, length);
                data = data[(PrefixLength + length)..];
                return true;
            }
        }

        message = default;
        return false;
    }

    /// <summary>Writes the length in front of a message that stands behind it already. The length is 0 to 65,535.</summary>
    public static void WritePrefix(Span<byte> destination, int messageLength)
        => BinaryPrimitives.WriteUInt16BigEndian(destination, checked((ushort)messageLength));

    /// <summary>Writes a message with its length in front. Returns the octets written; 0 when it does not fit or is longer than 65,535.</summary>
    public static int Write(ReadOnlySpan<byte> message, Span<byte> destination)
    {
        if (message.Length > MaxMessageLength || destination.Length - PrefixLength < message.Length)
        {
            return 0;
        }

        WritePrefix(destination, message.Length);
        message.CopyTo(destination[PrefixLength..]);
        return PrefixLength + message.Length;
    }
}
