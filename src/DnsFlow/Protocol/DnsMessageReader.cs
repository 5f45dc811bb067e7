using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using DnsFlow.Limits;
using DnsFlow.Protocol.Rdata;

namespace DnsFlow.Protocol;

/// <summary>
/// Reads messages into objects. Never throws and never reads outside the message; what one message can cost is bounded by its length
/// and by the limits here (RFC 9267).
/// </summary>
public static class DnsMessageReader
{
    /// <summary>The longest message in octets.</summary>
    public const int MaxLength = 65535;

    /// <summary>The most records of a message that is not a query: more than a full message of addresses holds.</summary>
    public const int MaxRecords = 4096;

    /// <summary>
    /// What the names of a message may cost: a step for each label and each pointer. Four thousand records with names of ip6.arpa stay below; a message that is made to cost time
    /// has eight times as many in the room of a full one (RFC 9267 section 4).
    /// </summary>
    public const int MaxNameSteps = 200_000;

    /// <summary>Reads a message; false when it is malformed or beyond a limit.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out DnsMessage? message) => TryRead(octets, out message, out _);

    /// <summary>Reads a message; false, and the reason, when it is malformed or beyond a limit.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out DnsMessage? message, out MessageError error)
    {
        message = null;
        error = !DnsHeader.TryRead(octets, out var header) ? MessageError.TooShort
            : octets.Length > MaxLength ? MessageError.TooLong
            : CheckCounts(header, octets.Length);
        if (error != MessageError.None)
        {
            return false;
        }

        // RDATA grows when its names are expanded: by two names at most.
        var scratch = Buffers.Rent(octets.Length + (2 * WireName.MaxLength));
        var parser = new MessageParser(octets, scratch);
        message = parser.Read(header);
        error = parser.Error;
        Buffers.Return(scratch);
        return message is not null;
    }

    private static MessageError CheckCounts(in DnsHeader header, int length)
    {
        const int ShortestQuestion = 5, ShortestRecord = 11;
        var records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        var most = header is { IsResponse: false, OpCode: OpCode.Query } ? QueryView.MaxRecords : MaxRecords;
        return header.QuestionCount + records > most
            || (header.QuestionCount * ShortestQuestion) + (records * ShortestRecord) > length - DnsHeader.Size
            ? MessageError.TooManyRecords
            : MessageError.None;
    }

    /// <summary>A cursor over one message.</summary>
    private ref struct MessageParser(ReadOnlySpan<byte> octets, Span<byte> scratch)
    {
        private readonly ReadOnlySpan<byte> _octets = octets;
        private readonly Span<byte> _scratch = scratch;
        private int _position = DnsHeader.Size;
        private Edns? _edns;
        private int _extendedCode;
        private int _nameSteps;

        // The last owner that was nothing but a pointer: answers repeat it, and so share one object.
        private int _sharedPointer = -1;
        private DomainName? _sharedName;

        public MessageError Error { get; private set; }

        public DnsMessage? Read(in DnsHeader header)
        {
            if (ReadQuestions(header.QuestionCount) is not { } questions
                || ReadSection(header.AnswerCount, isAdditional: false) is not { } answer
                || ReadSection(header.AuthorityCount, isAdditional: false) is not { } authority
                || ReadSection(header.AdditionalCount, isAdditional: true) is not { } additional)
            {
                return null;
            }

            if (_position != _octets.Length)
            {
                Error = MessageError.TrailingOctets;
                return null;
            }

            return new DnsMessage
            {
                Id = header.Id,
                Flags = header.Flags,
                ResponseCode = (ResponseCode)((_extendedCode << 4) | (int)header.ResponseCode),
                Questions = questions,
                Answer = answer,
                Authority = authority,
                Additional = additional,
                Edns = _edns,
            };
        }

        private List<Question>? ReadQuestions(int count)
        {
            var questions = new List<Question>(count);
            for (; count > 0; count--)
            {
                if (ReadName() is not { } name || !Has(4))
                {
                    return null;
                }

                questions.Add(new Question(name, (RecordType)TakeUInt16(), (RecordClass)TakeUInt16()));
            }

            return questions;
        }

        private List<ResourceRecord>? ReadSection(int count, bool isAdditional)
        {
            var records = new List<ResourceRecord>(count);
            for (; count > 0; count--)
            {
                if (ReadName() is not { } name || !Has(10))
                {
                    return null;
                }

                var type = (RecordType)TakeUInt16();
                var @class = TakeUInt16();
                var ttl = ((uint)TakeUInt16() << 16) | TakeUInt16();
                int length = TakeUInt16();
                if (!Has(length))
                {
                    return null;
                }

                if (type == RecordType.OPT)
                {
                    if (!isAdditional || !name.IsRoot || !TryReadOpt(@class, ttl, length))
                    {
                        Error = MessageError.BadOpt;
                        return null;
                    }
                }
                else if (ReadRdata(type, (RecordClass)@class, length) is { } rdata)
                {
                    records.Add(new ResourceRecord(name, type, (RecordClass)@class, ttl, rdata));
                }
                else
                {
                    Error = Error == MessageError.None ? MessageError.BadRdata : Error;
                    return null;
                }
            }

            return records;
        }

        private DomainName? ReadName()
        {
            if (_position + 2 <= _octets.Length && _octets[_position] >= 0xC0)
            {
                int pointer = BinaryPrimitives.ReadUInt16BigEndian(_octets[_position..]);
                if (pointer == _sharedPointer)
                {
                    _position += 2;
                    return _sharedName;
                }

                _sharedName = ExpandName();
                _sharedPointer = _sharedName is null ? -1 : pointer;
                return _sharedName;
            }

            return ExpandName();
        }

        private DomainName? ExpandName()
        {
            Span<byte> wire = stackalloc byte[WireName.MaxLength];
            var length = WireName.Expand(_octets, _position, wire, out var next, out var steps);
            if (length < 0)
            {
                Error = MessageError.BadName;
                return null;
            }

            _position = next;
            if (!MayTake(steps))
            {
                return null;
            }

            return DomainName.FromChecked(wire[..length]);
        }

        private byte[]? ReadRdata(RecordType type, RecordClass @class, int length)
        {
            var reader = new RdataReader(_octets, _position, length, _scratch);
            _position += length;
            if (RdataLayouts.Find(type, @class, length) is not { } layout)
            {
                return reader.Rest.ToArray();
            }

            var isGood = layout.TryRead(ref reader) && reader.Written <= RdataText.MaxLength;
            return isGood && MayTake(reader.NameSteps) ? _scratch[..reader.Written].ToArray() : null;
        }

        private bool TryReadOpt(ushort size, uint ttl, int length)
        {
            if (_edns is not null)
            {
                return false;
            }

            var options = new List<EdnsOption>();
            var rest = _octets.Slice(_position, length);
            while (!rest.IsEmpty)
            {
                if (rest.Length < 4 || options.Count == QueryView.MaxOptions || rest.Length < 4 + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]))
                {
                    return false;
                }

                var data = rest.Slice(4, BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
                options.Add(new EdnsOption((EdnsOptionCode)BinaryPrimitives.ReadUInt16BigEndian(rest), data.ToArray()));
                rest = rest[(4 + data.Length)..];
            }

            _position += length;
            _extendedCode = (int)(ttl >> 24);
            _edns = new Edns { UdpPayloadSize = size, Version = (byte)(ttl >> 16), Flags = (ushort)ttl, Options = options };
            return true;
        }

        private bool MayTake(int steps)
        {
            _nameSteps += steps;
            if (_nameSteps <= MaxNameSteps)
            {
                return true;
            }

            Error = MessageError.TooManyNameSteps;
            return false;
        }

        private bool Has(int count)
        {
            if (_octets.Length - _position >= count)
            {
                return true;
            }

            Error = MessageError.Cut;
            return false;
        }

        private ushort TakeUInt16()
        {
            _position += 2;
            return BinaryPrimitives.ReadUInt16BigEndian(_octets[(_position - 2)..]);
        }
    }
}
