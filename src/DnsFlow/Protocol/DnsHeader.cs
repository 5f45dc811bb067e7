using System.Buffers.Binary;

namespace DnsFlow.Protocol;

/// <summary>The 12 octets every DNS message begins with (RFC 1035 section 4.1.1; AD and CD from RFC 4035).</summary>
/// <param name="Id">The message ID.</param>
/// <param name="Flags">QR, OPCODE, AA, TC, RD, RA, Z, AD, CD and RCODE as one 16-bit word, host order.</param>
/// <param name="QuestionCount">QDCOUNT.</param>
/// <param name="AnswerCount">ANCOUNT.</param>
/// <param name="AuthorityCount">NSCOUNT.</param>
/// <param name="AdditionalCount">ARCOUNT.</param>
public readonly record struct DnsHeader(
    ushort Id, ushort Flags, ushort QuestionCount, ushort AnswerCount, ushort AuthorityCount, ushort AdditionalCount)
{
    /// <summary>The header's size in octets.</summary>
    public const int Size = 12;

    /// <summary>QR: set in a response.</summary>
    public const ushort ResponseBit = 0x8000;

    /// <summary>AA: the answer is authoritative.</summary>
    public const ushort AuthoritativeBit = 0x0400;

    /// <summary>TC: the message was cut.</summary>
    public const ushort TruncatedBit = 0x0200;

    /// <summary>RD: recursion is desired.</summary>
    public const ushort RecursionDesiredBit = 0x0100;

    /// <summary>RA: recursion is available.</summary>
    public const ushort RecursionAvailableBit = 0x0080;

    /// <summary>AD: the data is authentic (RFC 4035).</summary>
    public const ushort AuthenticDataBit = 0x0020;

    /// <summary>CD: checking is disabled (RFC 4035).</summary>
    public const ushort CheckingDisabledBit = 0x0010;

    /// <summary>The OPCODE's mask; shift right by 11.</summary>
    public const ushort OpCodeMask = 0x7800;

    /// <summary>The RCODE's mask.</summary>
    public const ushort ResponseCodeMask = 0x000F;

    /// <summary>Whether this is a response (QR).</summary>
    public bool IsResponse => (Flags & ResponseBit) != 0;

    /// <summary>Whether the message was cut (TC).</summary>
    public bool IsTruncated => (Flags & TruncatedBit) != 0;

    /// <summary>Whether recursion is desired (RD).</summary>
    public bool RecursionDesired => (Flags & RecursionDesiredBit) != 0;

    /// <summary>Whether checking is disabled (CD).</summary>
    public bool CheckingDisabled => (Flags & CheckingDisabledBit) != 0;

    /// <summary>The OPCODE.</summary>
    public OpCode OpCode => (OpCode)((Flags & OpCodeMask) >> 11);

    /// <summary>The four RCODE bits of the header, without EDNS's upper eight.</summary>
    public ResponseCode ResponseCode => (ResponseCode)(Flags & ResponseCodeMask);

    /// <summary>Reads a header; false when <paramref name="message"/> is shorter than <see cref="Size"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out DnsHeader header)
    {
        if (message.Length < Size)
        {
            header = default;
            return false;
        }

        header = new DnsHeader(
            BinaryPrimitives.ReadUInt16BigEndian(message),
            BinaryPrimitives.ReadUInt16BigEndian(message[2..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[10..]));
        return true;
    }

    /// <summary>Writes the header into the first 12 octets of <paramref name="destination"/>, which must hold them.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, Id);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Flags);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], QuestionCount);
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], AnswerCount);
        BinaryPrimitives.WriteUInt16BigEndian(destination[8..], AuthorityCount);
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], AdditionalCount);
    }
}
