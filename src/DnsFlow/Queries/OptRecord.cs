using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>Finds EDNS options where they lie and adds some to a finished message. Never throws, allocates nothing.</summary>
internal static class OptRecord
{
    private const int OptionHeader = 4;

    /// <summary>Finds the first option with a code.</summary>
    public static bool TryFind(ReadOnlySpan<byte> options, EdnsOptionCode code, out ReadOnlySpan<byte> data)
    {
        while (options.Length >= OptionHeader)
        {
            var length = Math.Min(options.Length - OptionHeader, BinaryPrimitives.ReadUInt16BigEndian(options[2..]));
            if (BinaryPrimitives.ReadUInt16BigEndian(options) == (ushort)code)
            {
                data = options.Slice(OptionHeader, length);
                return true;
            }

            options = options[(OptionHeader + length)..];
        }

        data = default;
        return false;
    }

    /// <summary>Finds an option in the OPT record of a response, wherever that stands.</summary>
    public static bool TryFindInResponse(ReadOnlySpan<byte> response, EdnsOptionCode code, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (Find(response, out _) is not (>= 0 and var opt))
        {
            return false;
        }

        var length = Math.Min(response.Length - opt - 2, BinaryPrimitives.ReadUInt16BigEndian(response[opt..]));
        return TryFind(response.Slice(opt + 2, length), code, out data);
    }

    /// <summary>The upper eight bits of the RCODE (RFC 6891 section 6.1.3); 0 without OPT.</summary>
    public static int ExtendedCode(ReadOnlySpan<byte> response) => Find(response, out _) is >= 0 and var opt ? response[opt - 4] : 0;

    /// <summary>Where the length of the OPT record's data stands, when that record is the last one; -1 when it is not.</summary>
    public static int FindLast(ReadOnlySpan<byte> response) => Find(response, out var end) is var opt && end == response.Length ? opt : -1;

    /// <summary>Adds an option to the OPT record at the end of a message, whose length stands at <paramref name="opt"/>; returns its data, to be written.</summary>
    public static Span<byte> Add(Span<byte> message, int opt, ref int length, EdnsOptionCode code, int size)
    {
        var before = BinaryPrimitives.ReadUInt16BigEndian(message[opt..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[opt..], (ushort)(before + OptionHeader + size));
        BinaryPrimitives.WriteUInt16BigEndian(message[length..], (ushort)code);
        BinaryPrimitives.WriteUInt16BigEndian(message[(length + 2)..], (ushort)size);
        var data = message.Slice(length + OptionHeader, size);
        length += OptionHeader + size;
        return data;
    }

    /// <summary>Where the length of the OPT record's data stands, and where that record ends; -1 when there is none.</summary>
    private static int Find(ReadOnlySpan<byte> response, out int end)
    {
        var (position, found) = (DnsHeader.Size, -1);
        end = -1;
        if (!DnsHeader.TryRead(response, out var header))
        {
            return -1;
        }

        for (var i = 0; i < header.QuestionCount; i++)
        {
            position = WireName.Skip(response, position);
            if (position < 0 || position + 4 > response.Length)
            {
                return -1;
            }

            position += 4;
        }

        for (var i = header.AnswerCount + header.AuthorityCount + header.AdditionalCount; i > 0; i--)
        {
            position = WireName.Skip(response, position);
            if (position < 0 || position + 10 > response.Length)
            {
                return -1;
            }

            var isOpt = BinaryPrimitives.ReadUInt16BigEndian(response[position..]) == (ushort)RecordType.OPT;
            found = isOpt ? position + 8 : found;
            position += 10 + BinaryPrimitives.ReadUInt16BigEndian(response[(position + 8)..]);
            end = isOpt ? position : end;
        }

        return found;
    }
}
