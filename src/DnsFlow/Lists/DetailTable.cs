using System.Collections.Immutable;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists;

/// <summary>The details of a list while it is built, each kept once.</summary>
internal sealed class DetailTable
{
    private const int MaxRecords = 32;

    private readonly List<EntryDetail> _details = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>About how many octets they take.</summary>
    public long Bytes { get; private set; }

    /// <summary>Writes a number into a record.</summary>
    public static void Write(Span<byte> place, int number)
    {
        place[0] = (byte)number;
        place[1] = (byte)(number >> 8);
        place[2] = (byte)(number >> 16);
    }

    /// <summary>The number of a detail; -1 when there are too many.</summary>
    public int Intern(EntryDetail detail)
    {
        if (_numbers.TryGetValue(detail.Text, out var number))
        {
            return number;
        }

        if (_details.Count == ListLimits.MaxDetails)
        {
            return -1;
        }

        number = _details.Count;
        _details.Add(detail);
        _numbers.Add(detail.Text, number);
        Bytes += 300 + (2L * detail.Text.Length) + (detail.Answer?.Records.Sum(static record => 100L + record.Rdata.Length) ?? 0)
            + detail.DenyAllow.Sum(static name => 50L + name.Length);
        return number;
    }

    /// <summary>The number that a record holds; -1 = none.</summary>
    public static int NumberIn(ReadOnlySpan<byte> record) => (ListRecords.Flags(record) & EntryFlags.HasDetail) == 0
        ? -1
        : record[ListRecords.HeadSize] | (record[ListRecords.HeadSize + 1] << 8) | (record[ListRecords.HeadSize + 2] << 16);

    /// <summary>The text of a record's detail; empty = none.</summary>
    public string TextIn(ReadOnlySpan<byte> record) => NumberIn(record) is >= 0 and var number ? _details[number].Text : "";

    /// <summary>Answers of one name add up: the number of the detail that has the records of both. The reason says why they cannot, if they are answers at all.</summary>
    public bool TryMerge(int number, EntryDetail other, out int merged, out string? reason)
    {
        (merged, reason) = (-1, null);
        var detail = _details[number];
        if (detail.Answer is not { Kind: ListAnswerKind.Records } left || other.Answer is not { Kind: ListAnswerKind.Records } right
            || detail.IsConditional || other.IsConditional || detail.IsRewrite != other.IsRewrite)
        {
            return false;
        }

        var added = right.Records.Where(record => !left.Records.Any(known => known.Type == record.Type && known.Rdata.Span.SequenceEqual(record.Rdata.Span))).ToList();
        if (added.Count == 0)
        {
            merged = number;
            return true;
        }

        reason = left.Records.Concat(added).Any(static record => record.Type == RecordType.CNAME) ? SkipReason.BesideAction
            : left.Records.Length + added.Count > MaxRecords ? SkipReason.TooManyRecords
            : null;
        if (reason is not null)
        {
            return false;
        }

        merged = Intern(detail with
        {
            Text = $"{detail.Text} {other.Text}",
            Answer = new ListAnswer(ListAnswerKind.Records, [.. left.Records, .. added]),
        });
        reason = merged < 0 ? SkipReason.TooManyDetails : null;
        return merged >= 0;
    }

    /// <summary>The details by number.</summary>
    public ImmutableArray<EntryDetail> ToImmutable() => [.. _details];
}
