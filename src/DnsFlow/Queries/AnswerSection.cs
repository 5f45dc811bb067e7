using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>The records of the answer section of a response, one after the other, in place. Lives on the stack; allocates nothing.</summary>
internal ref struct AnswerSection
{
    private readonly ReadOnlySpan<byte> _message;
    private int _position;
    private int _left;
    private RecordPlace _current;

    /// <summary>Begins in front of the first record; a message that cannot be read has none.</summary>
    public AnswerSection(ReadOnlySpan<byte> message, bool withAuthority = false)
    {
        _message = message;
        if (!DnsHeader.TryRead(message, out var header) || header.QuestionCount != 1)
        {
            return;
        }

        _position = WireName.Skip(message, DnsHeader.Size) + 4;
        _left = _position < DnsHeader.Size ? 0 : header.AnswerCount + (withAuthority ? header.AuthorityCount : 0);
    }

    /// <summary>The record.</summary>
    public readonly RecordPlace Current => _current;

    /// <summary>The record's RDATA.</summary>
    public readonly ReadOnlySpan<byte> Data => _message.Slice(_current.Data, _current.DataLength);

    /// <summary>Steps to the next record; false behind the last.</summary>
    public bool MoveNext()
    {
        if (_left <= 0 || !RecordPlace.TryRead(_message, _position, out _current))
        {
            return false;
        }

        _left--;
        _position = _current.End;
        return true;
    }

    /// <summary>The addresses in a record: one of A and AAAA, the hints of HTTPS and SVCB (RFC 9460 section 7.3); 4 or 16 octets each, in a row.</summary>
    public readonly ReadOnlySpan<byte> Addresses(bool isIPv6) => (_current.Type, isIPv6) switch
    {
        (RecordType.A, false) when _current.DataLength == 4 => Data,
        (RecordType.AAAA, true) when _current.DataLength == 16 => Data,
        (RecordType.HTTPS or RecordType.SVCB, _) => Hint(Data, isIPv6 ? 6 : 4),
        _ => default,
    };

    private static ReadOnlySpan<byte> Hint(ReadOnlySpan<byte> data, int key)
    {
        var position = data.Length < 3 ? -1 : WireName.Measure(data, 2) is > 0 and var length ? 2 + length : -1;
        while (position >= 0 && position + 4 <= data.Length)
        {
            var size = BinaryPrimitives.ReadUInt16BigEndian(data[(position + 2)..]);
            if (position + 4 + size > data.Length)
            {
                break;
            }

            if (BinaryPrimitives.ReadUInt16BigEndian(data[position..]) == key)
            {
                return data.Slice(position + 4, size);
            }

            position += 4 + size;
        }

        return default;
    }
}
