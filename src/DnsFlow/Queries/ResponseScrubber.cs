using System.Buffers.Binary;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// Makes of an upstream's response what may be cached and passed on: the records that <see cref="AnswerSelection"/> keeps, their TTLs held to their bounds
/// (RFC 2181 section 8), no additional section.
/// Believes nothing: reads every record within its bounds and never throws. One instance per owner; the result lives until the next call.
/// Allocates only when a response has more records than any before.
/// </summary>
internal sealed class ResponseScrubber
{
    // The length octet of a label of a kind that does not exist (RFC 6891 section 5).
    private const byte NoLabel = 0x80;

    private readonly AnswerSelection _selection = new();
    private readonly byte[] _message = new byte[ushort.MaxValue];
    private readonly byte[] _rebuilt = new byte[ushort.MaxValue];
    private RecordPlace[] _records = new RecordPlace[128];
    private ushort[] _ttlOffsets = new ushort[128];
    private ResponseCode _code;
    private ExtendedErrorCode _error;
    private int _answers;
    private int _kept;
    private int _keptAnswers;
    private int _bodyEnd;
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
        if (response.Length > ushort.MaxValue || !DnsHeader.TryRead(response, out var header) || !IsAbout(response, header, question))
        {
            return false;
        }

        _selection.Begin(question, dnssecOk);
        _code = header.ResponseCode;
        _error = ExtendedErrorCode.None;
        _answers = _kept = _keptAnswers = 0;
        _lifetime = uint.MaxValue;
        _soaLifetime = 0;
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

        _selection.FollowAliases(message, _records.AsSpan(0, _answers));
        var isWhole = Select(message, header, limits);
        var length = isWhole
            ? Trim(message)
            : ResponseRebuilder.Write(message, questionEnd, _selection.AskedName, _records.AsSpan(0, _kept), _rebuilt, _ttlOffsets);
        if (length < 0)
        {
            return false;
        }

        var isNegative = _code == ResponseCode.NXDomain || (_code == ResponseCode.NoError && !_selection.IsPositive);
        var lifetime = _code is not (ResponseCode.NoError or ResponseCode.NXDomain) ? 0
            : isNegative ? Math.Min(_lifetime, _soaLifetime)
            : _lifetime;
        scrubbed = Finish((isWhole ? _message : _rebuilt).AsSpan(0, length), header, isNegative, lifetime);
        return true;
    }

    /// <summary>Whether a response repeats the question, be it in other letters.</summary>
    private static bool IsAbout(ReadOnlySpan<byte> response, in DnsHeader header, ReadOnlySpan<byte> question)
    {
        if (header.QuestionCount != 1 || !header.IsResponse || question.Length < 5 || response.Length < DnsHeader.Size + question.Length)
        {
            return false;
        }

        var name = question[..^4];
        var asked = response.Slice(DnsHeader.Size, question.Length);
        return WireName.Measure(question, 0) == name.Length
            && WireName.EqualsIgnoreCase(asked[..^4], name) && asked[^4..].SequenceEqual(question[^4..]);
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
            if (!_selection.HasOwner(message, record))
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

    /// <summary>Moves the records that stay to the front, with their TTLs held to the bounds. True when all stay.</summary>
    private bool Select(ReadOnlySpan<byte> message, in DnsHeader header, in TtlLimits limits)
    {
        var body = header.AnswerCount + header.AuthorityCount;
        for (var i = 0; i < body; i++)
        {
            var record = _records[i];
            if (!(i < _answers ? _selection.KeepsAnswer(message, record) : _selection.KeepsAuthority(message, record)))
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
