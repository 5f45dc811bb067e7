using System.Buffers.Binary;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Zones;

/// <summary>
/// Writes one response out of zone data into a query's buffer: copies RRsets that are already encoded and sets the pointers to their owners.
/// Lives on the stack; allocates nothing.
/// </summary>
internal ref struct ZoneAnswer
{
    private readonly Span<byte> _response;
    private readonly int _limit;
    private int _length;
    private int _answers;
    private int _authorities;

    /// <summary>Begins a response with the question as it was asked, letter case kept.</summary>
    public ZoneAnswer(ref QueryContext context)
    {
        _response = context.Response;
        _limit = context.MaxResponseSize - (context.Query.HasEdns ? DnsResponses.OptSize : 0);
        context.Query.Question(context.Message).CopyTo(_response[DnsHeader.Size..]);
        _length = context.Query.QuestionEnd;
    }

    /// <summary>Whether something did not fit.</summary>
    public bool IsTruncated { readonly get; private set; }

    /// <summary>Where the next record will begin.</summary>
    public readonly int Position => _length;

    /// <summary>Whether any record is in the answer section.</summary>
    public readonly bool HasAnswers => _answers > 0;

    /// <summary>Appends an RRset to the answer section, owned by the name at offset <paramref name="owner"/> of the response.</summary>
    public void Append(ZoneRRset set, int owner)
    {
        if (Copy(set, owner))
        {
            _answers += set.Count;
        }
    }

    /// <summary>Appends the SOA of a negative response to the authority section.</summary>
    public void AppendNegative(Zone zone, int apex)
    {
        if (Copy(zone.Negative, apex))
        {
            _authorities += zone.Negative.Count;
        }
    }

    /// <summary>Whether an RRset would still fit.</summary>
    public readonly bool Fits(ZoneRRset set) => _length + set.Octets.Length <= _limit;

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

    /// <summary>Writes header and OPT and returns the response's length. A response that did not fit goes out empty with TC set (RFC 2181 section 9).</summary>
    public readonly int Complete(scoped in QueryContext context, ResponseCode code)
    {
        if (IsTruncated)
        {
            return DnsResponses.WriteEmpty(context.Message, context.Query, code, _response, truncated: true, authoritative: true);
        }

        var flags = DnsResponses.ResponseFlags(context.Query.Header.Flags, code) | DnsHeader.AuthoritativeBit;
        new DnsHeader(context.Query.Header.Id, (ushort)flags, 1, (ushort)_answers, (ushort)_authorities, 0).Write(_response);
        return DnsResponses.AppendOpt(context.Query, code, _response, _length);
    }

    private bool Copy(ZoneRRset set, int owner)
    {
        if (IsTruncated || !Fits(set))
        {
            IsTruncated = true;
            return false;
        }

        var target = _response.Slice(_length, set.Octets.Length);
        set.Octets.CopyTo(target);
        _length += target.Length;
        if (owner != DnsHeader.Size)
        {
            PointTo(target, owner);
        }

        return true;
    }

    private static void PointTo(Span<byte> records, int owner)
    {
        while (records.Length > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(records, (ushort)(0xC000 | owner));
            records = records[(ZoneRRset.FixedLength + BinaryPrimitives.ReadUInt16BigEndian(records[10..]))..];
        }
    }
}
