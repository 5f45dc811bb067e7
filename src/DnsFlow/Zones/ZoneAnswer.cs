using System.Buffers.Binary;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Zones;

/// <summary>
/// Writes one response out of zone data into a query's buffer: copies RRsets that are already encoded and sets the pointers to their owners. The sections are
/// written in their order. With DO, signatures follow what they sign. Lives on the stack; allocates nothing.
/// </summary>
internal ref struct ZoneAnswer
{
    private const int MaxPointer = 0x3FFF;

    private readonly Span<byte> _response;
    private readonly int _limit;
    private int _length;
    private int _answers;
    private int _authorities;
    private int _additionals;

    /// <summary>Begins a response with the question as it was asked, letter case kept.</summary>
    public ZoneAnswer(ref QueryContext context)
    {
        _response = context.Response;
        _limit = context.MaxResponseSize - (context.Query.HasEdns ? DnsResponses.OptSize : 0);
        context.Query.Question(context.Message).CopyTo(_response[DnsHeader.Size..]);
        _length = context.Query.QuestionEnd;
        WithProofs = context.Query.DnssecOk;
    }

    /// <summary>Whether the asker wants signatures and proofs (DO, RFC 3225).</summary>
    public bool WithProofs { get; }

    /// <summary>Whether something did not fit.</summary>
    public bool IsTruncated { readonly get; private set; }

    /// <summary>Whether the response is a referral, so not authoritative.</summary>
    public bool IsReferral { readonly get; set; }

    /// <summary>The name outside of our zones that the last alias leads to; null = none does, or nobody is to be asked for it.</summary>
    public DomainName? Outside { readonly get; set; }

    /// <summary>Where the next record will begin.</summary>
    public readonly int Position => _length;

    /// <summary>Whether any record is in the answer section.</summary>
    public readonly bool HasAnswers => _answers > 0;

    /// <summary>The response so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _response[.._length];

    /// <summary>Appends an RRset to the answer section, owned by the name at offset <paramref name="owner"/> of the response. Signatures come later.</summary>
    public void Append(ZoneRRset set, int owner) => _answers += Copy(set, owner);

    /// <summary>Appends the signatures of an RRset to the answer section, if they are wanted.</summary>
    public void AppendSignatures(ZoneRRset set, int owner)
    {
        if (WithProofs && set.Signatures is { } signatures)
        {
            Append(signatures, owner);
        }
    }

    /// <summary>Appends an RRset, and its signatures if they are wanted, to the authority section.</summary>
    public void AppendAuthority(ZoneRRset set, int owner)
    {
        _authorities += Copy(set, owner);
        if (WithProofs && set.Signatures is { } signatures)
        {
            _authorities += Copy(signatures, owner);
        }
    }

    /// <summary>Appends a proof, which has an owner of its own, to the authority section. <paramref name="apex"/> is where the zone's name stands in the response.</summary>
    public void AppendProof(ZoneProof proof, int apexLength, int apex)
    {
        var owner = _length;
        if (apexLength > 1 && apex <= MaxPointer && owner <= MaxPointer)
        {
            var own = proof.Owner.Length - apexLength;
            Span<byte> name = stackalloc byte[WireName.MaxLength + 2];
            proof.Owner.AsSpan(0, own).CopyTo(name);
            BinaryPrimitives.WriteUInt16BigEndian(name[own..], (ushort)(0xC000 | apex));
            AppendProof(proof, name[..(own + 2)], owner);
        }
        else
        {
            AppendProof(proof, proof.Owner, owner);
        }
    }

    /// <summary>Appends addresses to the additional section; false, and the response as it was, when they do not fit.</summary>
    public bool TryAppendAdditional(ZoneRRset? set, int owner)
    {
        if (set is null)
        {
            return true;
        }

        if (!Fits(set) || owner > MaxPointer)
        {
            return false;
        }

        _additionals += Copy(set, owner);
        return true;
    }

    /// <summary>Whether an RRset would still fit.</summary>
    public readonly bool Fits(ZoneRRset set) => _length + set.Octets.Length <= _limit;

    /// <summary>Marks the response as cut.</summary>
    public void Truncate() => IsTruncated = true;

    /// <summary>Appends the CNAME that a DNAME stands for (RFC 6672 section 3.1), with the DNAME's TTL.</summary>
    public void AppendAlias(scoped ReadOnlySpan<byte> target, uint ttl, int owner)
    {
        var length = ZoneRRset.FixedLength + target.Length;
        if (_length + length > _limit)
        {
            IsTruncated = true;
            return;
        }

        var record = _response.Slice(_length, length);
        BinaryPrimitives.WriteUInt16BigEndian(record, (ushort)(0xC000 | owner));
        BinaryPrimitives.WriteUInt16BigEndian(record[2..], (ushort)RecordType.CNAME);
        BinaryPrimitives.WriteUInt16BigEndian(record[4..], (ushort)RecordClass.IN);
        BinaryPrimitives.WriteUInt32BigEndian(record[6..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(record[10..], (ushort)target.Length);
        target.CopyTo(record[ZoneRRset.FixedLength..]);
        _length += length;
        _answers++;
    }

    /// <summary>
    /// Writes header and OPT and returns the response's length. A response that did not fit goes out empty: with TC set where the asker can come again by
    /// a stream (RFC 2181 section 9), else as SERVFAIL, as no transport carries it.
    /// </summary>
    public readonly int Complete(scoped in QueryContext context, ref ResponseCode code)
    {
        if (IsTruncated)
        {
            code = context.IsDatagram ? code : ResponseCode.ServFail;
            return DnsResponses.WriteEmpty(
                context.Message, context.Query, code, _response, truncated: context.IsDatagram, authoritative: context.IsDatagram && !IsReferral);
        }

        var flags = DnsResponses.ResponseFlags(context.Query.Header.Flags, code) | (IsReferral ? 0 : DnsHeader.AuthoritativeBit);
        new DnsHeader(context.Query.Header.Id, (ushort)flags, 1, (ushort)_answers, (ushort)_authorities, (ushort)_additionals).Write(_response);
        return DnsResponses.AppendOpt(context.Query, code, _response, _length);
    }

    private void AppendProof(ZoneProof proof, scoped ReadOnlySpan<byte> name, int owner)
    {
        var set = proof.Set;
        var first = ZoneRRset.LengthOfFirst(set.Octets);
        if (IsTruncated || _length + name.Length - 2 + set.Octets.Length > _limit || owner > MaxPointer)
        {
            IsTruncated = true;
            return;
        }

        // The first record spells its owner; the others and the signatures point to it.
        name.CopyTo(_response[_length..]);
        set.Octets.AsSpan(2, first - 2).CopyTo(_response[(_length + name.Length)..]);
        _length += name.Length + first - 2;
        var rest = set.Octets.AsSpan(first);
        rest.CopyTo(_response[_length..]);
        PointTo(_response.Slice(_length, rest.Length), owner);
        _length += rest.Length;
        _authorities += set.Count;
        if (set.Signatures is { } signatures)
        {
            _authorities += Copy(signatures, owner);
        }
    }

    /// <summary>Copies an RRset; returns how many records it has, 0 when it does not fit.</summary>
    private int Copy(ZoneRRset set, int owner)
    {
        if (IsTruncated || !Fits(set) || owner > MaxPointer)
        {
            IsTruncated = true;
            return 0;
        }

        var target = _response.Slice(_length, set.Octets.Length);
        set.Octets.CopyTo(target);
        _length += target.Length;
        if (owner != DnsHeader.Size)
        {
            PointTo(target, owner);
        }

        return set.Count;
    }

    private static void PointTo(Span<byte> records, int owner)
    {
        while (records.Length > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(records, (ushort)(0xC000 | owner));
            records = records[ZoneRRset.LengthOfFirst(records)..];
        }
    }
}
