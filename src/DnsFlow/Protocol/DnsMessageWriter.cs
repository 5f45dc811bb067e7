using DnsFlow.Limits;

namespace DnsFlow.Protocol;

/// <summary>Writes messages, with names compressed.</summary>
public static class DnsMessageWriter
{
    /// <summary>
    /// Writes <paramref name="message"/> and gives its <paramref name="length"/>. False when it does not fit into
    /// <paramref name="destination"/> or 65535 octets, or when it cannot be said: a section of more than 65535 records, an RCODE above 15 without EDNS.
    /// </summary>
    public static bool TryWrite(DnsMessage message, Span<byte> destination, out int length)
    {
        ArgumentNullException.ThrowIfNull(message);
        length = 0;
        if (!TryGetHeader(message, out var header))
        {
            return false;
        }

        Span<uint> table = stackalloc uint[CompressingWriter.TableSize];
        table.Clear();
        var writer = new CompressingWriter(destination[..Math.Min(destination.Length, DnsMessageReader.MaxLength)], table);
        if (!TryWriteQuestions(message, header, ref writer)
            || !TryWriteAll(message.Answer, ref writer)
            || !TryWriteAll(message.Authority, ref writer)
            || !TryWriteAdditional(message, ref writer))
        {
            return false;
        }

        length = writer.Position;
        return true;
    }

    /// <summary>The message's octets; null when it cannot be written.</summary>
    public static byte[]? ToArray(DnsMessage message)
    {
        var buffer = Buffers.Rent(DnsMessageReader.MaxLength);
        var octets = TryWrite(message, buffer, out var length) ? buffer[..length] : null;
        Buffers.Return(buffer);
        return octets;
    }

    /// <summary>Makes the header with the counts of all records.</summary>
    internal static bool TryGetHeader(DnsMessage message, out DnsHeader header)
    {
        var additional = message.Additional.Count + (message.Edns is null ? 0 : 1);
        header = new DnsHeader(
            message.Id, message.Flags, (ushort)message.Questions.Count, (ushort)message.Answer.Count,
            (ushort)message.Authority.Count, (ushort)additional);
        return header.QuestionCount == message.Questions.Count && header.AnswerCount == message.Answer.Count
            && header.AuthorityCount == message.Authority.Count && header.AdditionalCount == additional
            && (int)message.ResponseCode < (message.Edns is null ? 16 : 4096);
    }

    /// <summary>Writes header and questions.</summary>
    internal static bool TryWriteQuestions(DnsMessage message, in DnsHeader header, ref CompressingWriter writer)
    {
        Span<byte> octets = stackalloc byte[DnsHeader.Size];
        header.Write(octets);
        if (!writer.TryWrite(octets))
        {
            return false;
        }

        foreach (var question in message.Questions)
        {
            if (!writer.TryWrite(question))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryWriteAll(IEnumerable<ResourceRecord> records, ref CompressingWriter writer)
    {
        foreach (var record in records)
        {
            if (!writer.TryWrite(record))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A signature of the whole message stays the last record (RFC 8945 section 5.1), OPT goes before it.</summary>
    private static bool TryWriteAdditional(DnsMessage message, ref CompressingWriter writer)
    {
        var signature = message.Additional is [.., { Type: RecordType.TSIG } last] ? last : null;
        return TryWriteAll(signature is null ? message.Additional : message.Additional.SkipLast(1), ref writer)
            && (message.Edns is null || writer.TryWrite(message.Edns, message.ResponseCode))
            && (signature is null || writer.TryWrite(signature));
    }
}
