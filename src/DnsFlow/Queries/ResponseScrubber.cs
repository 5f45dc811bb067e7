using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// Makes of an upstream's response what may be cached and passed on: the alias chain from the asked name and the asked type at its end, the
/// SOA and NS records above these names, the records that prove a denial; TTLs held to their bounds (RFC 2181 section 8), no additional section.
/// Believes nothing: reads every record within its bounds and never throws. One instance per owner; the result lives until the next call.
/// Allocates only when a response has more records than any before.
/// </summary>
internal sealed class ResponseScrubber
{
    // Above this many answers the aliases must stand in order: a second look at each record for each link would be an attacker's to ask for.
    private const int MaxUnorderedAnswers = 64;

    private const ushort QuestionPointer = 0xC000 | DnsHeader.Size;

    // The length octet of a label of a kind that does not exist (RFC 6891 section 5).
    private const byte NoLabel = 0x80;

    private readonly AliasChain _chain = new();
    private readonly byte[] _owner = new byte[WireName.MaxLength];
    private readonly byte[] _target = new byte[WireName.MaxLength];
    private readonly byte[] _message = new byte[ushort.MaxValue];
    private readonly byte[] _rebuilt = new byte[ushort.MaxValue];
    private RecordPlace[] _records = new RecordPlace[128];
    private ushort[] _ttlOffsets = new ushort[128];
    private RecordType _askedType;
    private RecordClass _askedClass;
    private ResponseCode _code;
    private ExtendedErrorCode _error;
    private int _answers;
    private int _kept;
    private int _keptAnswers;
    private int _bodyEnd;
    private bool _isPositive;
    private bool _dnssecOk;
    private uint _lifetime;
    private uint _soaLifetime;

    /// <summary>
    /// Scrubs a response that was matched to its query. <paramref name="question"/> is QNAME, QTYPE and QCLASS as sent upstream.
    /// False = malformed, or not an answer to this question. A truncated response loses all its records. Without <paramref name="dnssecOk"/> it loses the
    /// records of DNSSEC that were not asked for (RFC 4035 section 3.2.1).
    /// </summary>
    public bool TryScrub(ReadOnlySpan<byte> response, ReadOnlySpan<byte> question, in TtlLimits limits, out ScrubbedResponse scrubbed, bool dnssecOk = true)
    {
        scrubbed = default;
        _dnssecOk = dnssecOk;
        if (response.Length > ushort.MaxValue || !DnsHeader.TryRead(response, out var header) || !Begin(response, header, question))
        {
            return false;
        }

        response.CopyTo(_message);
        var message = _message.AsSpan(0, response.Length);
        var questionEnd = DnsHeader.Size + question.Length;
        if (header.IsTruncated)
        {
            // The last record of a truncated message may be cut anywhere, and no part of an RRset is worth having.
            scrubbed = Finish(message[..questionEnd], header, isNegative: false, lifetime: 0);
            return true;
        }

        if (!Walk(message, header, questionEnd))
        {
            return false;
        }

        FollowAliases(message);
        var isWhole = Select(message, header, limits);
        var length = isWhole
            ? Trim(message)
            : ResponseRebuilder.Write(message, questionEnd, _chain[0], _records.AsSpan(0, _kept), _rebuilt, _ttlOffsets);
        if (length < 0)
        {
            return false;
        }

        var isNegative = _code == ResponseCode.NXDomain || (_code == ResponseCode.NoError && !_isPositive);
        var lifetime = _code is not (ResponseCode.NoError or ResponseCode.NXDomain) ? 0
            : isNegative ? Math.Min(_lifetime, _soaLifetime)
            : _lifetime;
        scrubbed = Finish((isWhole ? _message : _rebuilt).AsSpan(0, length), header, isNegative, lifetime);
        return true;
    }

    private bool Begin(ReadOnlySpan<byte> response, in DnsHeader header, ReadOnlySpan<byte> question)
    {
        if (header.QuestionCount != 1 || !header.IsResponse || question.Length < 5 || response.Length < DnsHeader.Size + question.Length)
        {
            return false;
        }

        var name = question[..^4];
        var asked = response.Slice(DnsHeader.Size, question.Length);
        if (WireName.Measure(question, 0) != name.Length
            || !WireName.EqualsIgnoreCase(asked[..^4], name) || !asked[^4..].SequenceEqual(question[^4..]))
        {
            return false;
        }

        _askedType = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(question[^4..]);
        _askedClass = (RecordClass)BinaryPrimitives.ReadUInt16BigEndian(question[^2..]);
        _chain.Begin(name);
        _code = header.ResponseCode;
        _error = ExtendedErrorCode.None;
        _answers = _kept = _keptAnswers = 0;
        _isPositive = false;
        _lifetime = uint.MaxValue;
        _soaLifetime = 0;
        return true;
    }

    /// <summary>Reads every record once, checks its form, and notes the places of those in the answer and authority sections.</summary>
    private bool Walk(Span<byte> message, in DnsHeader header, int position)
    {
        var body = header.AnswerCount + header.AuthorityCount;
        var records = body + header.AdditionalCount;
        if (records > (message.Length - position) / (1 + RecordPlace.FixedSize))
        {
            return false;       // cannot be: each has at least a root owner and the fixed fields
        }

        EnsureRoom(body);
        _answers = header.AnswerCount;
        _bodyEnd = position;
        var hasOpt = false;
        for (var i = 0; i < records; i++)
        {
            if (!RecordPlace.TryRead(message, position, out var record))
            {
                return false;
            }

            // The TTL will change with the time. Made unreadable until it is written again, so that no later name can lead through it.
            message.Slice(record.TtlOffset, 4).Fill(NoLabel);
            if (Owner(message, record).IsEmpty)
            {
                return false;
            }

            position = record.End;
            if (record.Type == RecordType.OPT)
            {
                // One, owned by the root, in the additional section (RFC 6891 section 6.1.1).
                if (hasOpt || i < body || message[record.Owner] != 0)
                {
                    return false;
                }

                hasOpt = true;
                _code = EdnsReply.Code(header.ResponseCode, record);
                _error = EdnsReply.Error(message, record);
            }
            else if (i < body)
            {
                if (!RecordData.IsWellFormed(message, record, _rebuilt))
                {
                    return false;
                }

                _records[i] = record;
                _bodyEnd = position;
            }
        }

        return true;
    }

    /// <summary>Finds the names the asked one is an alias of. Usually the records stand in order and one pass is enough.</summary>
    private void FollowAliases(ReadOnlySpan<byte> message)
    {
        if (_askedType is RecordType.CNAME or RecordType.ANY)
        {
            return;
        }

        bool again;
        do
        {
            again = false;
            var before = _chain.Last;
            foreach (ref readonly var record in _records.AsSpan(0, _answers))
            {
                if (record.Type != RecordType.CNAME || !IsAskedClass(record))
                {
                    continue;
                }

                var index = _chain.IndexOf(Owner(message, record));
                if (index == _chain.Last)
                {
                    _chain.Follow(Target(message, record));
                }

                again |= index < 0;
            }

            again &= _chain.Last > before && _answers <= MaxUnorderedAnswers;
        }
        while (again);
    }

    /// <summary>Moves the records that stay to the front, with their TTLs held to the bounds. True when all stay.</summary>
    private bool Select(ReadOnlySpan<byte> message, in DnsHeader header, in TtlLimits limits)
    {
        var body = header.AnswerCount + header.AuthorityCount;
        for (var i = 0; i < body; i++)
        {
            var record = _records[i];
            if (!IsAskedClass(record) || !(i < _answers ? KeepsAnswer(message, record) : KeepsAuthority(message, record)))
            {
                continue;
            }

            var ttl = limits.Clamp(record.Ttl);
            if (record.Type == RecordType.SOA && i >= _answers)
            {
                // RFC 2308 section 5. Written into the record as well, or whoever asks us would begin to count again.
                ttl = Math.Min(ttl, Math.Min(Math.Max(RecordData.SoaMinimum(message, record), limits.Min), limits.NegativeMax));
                _soaLifetime = ttl;
            }

            _lifetime = Math.Min(_lifetime, ttl);
            _ttlOffsets[_kept] = (ushort)record.TtlOffset;
            _records[_kept++] = record with { Ttl = ttl };
            _keptAnswers += i < _answers ? 1 : 0;
        }

        return _kept == body;
    }

    private bool KeepsAnswer(ReadOnlySpan<byte> message, in RecordPlace record)
    {
        var covered = record.Type == RecordType.RRSIG ? Covered(message, record) : record.Type;
        if (!_dnssecOk && IsOfDnssec(record.Type) && _askedType != RecordType.ANY && record.Type != _askedType)
        {
            return false;
        }

        var owner = Owner(message, record);
        var index = _chain.IndexOf(owner);
        if (index == _chain.Last && (_askedType == RecordType.ANY || record.Type == _askedType || covered == _askedType))
        {
            _isPositive |= record.Type == _askedType || _askedType == RecordType.ANY;
            return true;
        }

        return covered switch
        {
            RecordType.CNAME when index >= 0 && index < _chain.Last
                => record.Type == RecordType.RRSIG || WireName.EqualsIgnoreCase(Target(message, record), _chain[index + 1]),
            RecordType.DNAME => _chain.IsUnder(owner, strictly: true),
            _ => false,
        };
    }

    private bool KeepsAuthority(ReadOnlySpan<byte> message, in RecordPlace record) => record.Type switch
    {
        RecordType.SOA or RecordType.NS => _chain.IsUnder(Owner(message, record), strictly: false),
        RecordType.NSEC or RecordType.NSEC3 or RecordType.RRSIG or RecordType.DS => _dnssecOk,
        _ => false,
    };

    private static bool IsOfDnssec(RecordType type) => type is RecordType.RRSIG or RecordType.NSEC or RecordType.NSEC3;

    /// <summary>Everything stays but the tail: left as it is, so that compression pointers stay right. Returns the length.</summary>
    private int Trim(Span<byte> message)
    {
        foreach (ref readonly var record in _records.AsSpan(0, _kept))
        {
            BinaryPrimitives.WriteUInt32BigEndian(message[record.TtlOffset..], record.Ttl);
        }

        return _bodyEnd;
    }

    private ScrubbedResponse Finish(Span<byte> message, scoped in DnsHeader header, bool isNegative, uint lifetime)
    {
        // Neither AA, for it is not our own data, nor bits nobody has defined; AD as the upstream said.
        const ushort Passed = DnsHeader.TruncatedBit | DnsHeader.RecursionDesiredBit | DnsHeader.AuthenticDataBit
            | DnsHeader.CheckingDisabledBit | DnsHeader.ResponseCodeMask;
        var flags = DnsHeader.ResponseBit | DnsHeader.RecursionAvailableBit | (header.Flags & Passed);
        new DnsHeader(header.Id, (ushort)flags, 1, (ushort)_keptAnswers, (ushort)(_kept - _keptAnswers), 0).Write(message);
        return new ScrubbedResponse
        {
            Message = message,
            TtlOffsets = _ttlOffsets.AsSpan(0, _kept),
            Code = _code,
            Error = _error,
            IsNegative = isNegative,
            Lifetime = lifetime,
        };
    }

    /// <summary>The owner's name, expanded; empty when it is malformed. Most owners are a pointer to the question.</summary>
    private ReadOnlySpan<byte> Owner(ReadOnlySpan<byte> message, in RecordPlace record)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(message[record.Owner..]) == QuestionPointer)
        {
            return _chain[0];
        }

        var length = WireName.Expand(message, record.Owner, _owner, out _);
        return _owner.AsSpan(0, Math.Max(0, length));
    }

    private ReadOnlySpan<byte> Target(ReadOnlySpan<byte> message, in RecordPlace record)
        => _target.AsSpan(0, WireName.Expand(message, record.Data, _target, out _));

    private static RecordType Covered(ReadOnlySpan<byte> message, in RecordPlace record)
        => (RecordType)BinaryPrimitives.ReadUInt16BigEndian(message[record.Data..]);

    private bool IsAskedClass(in RecordPlace record) => record.Class == _askedClass || _askedClass == RecordClass.ANY;

    private void EnsureRoom(int records)
    {
        if (records > _records.Length)
        {
            // Bounded by the 65,535 octets of a message: at most 5,957 records.
            _records = new RecordPlace[Math.Max(records, _records.Length * 2)];
            _ttlOffsets = new ushort[_records.Length];
        }
    }
}
