using System.Collections.Immutable;
using DnsFlow.Queries;

namespace DnsFlow.Lists;

/// <summary>
/// One list, parsed: its entries as records, each with its line. Immutable; a plan, and every state of the index, shares it.
/// </summary>
internal sealed class ListData : IListEntries
{
    /// <summary>How many bits of the source and line are the line.</summary>
    public const int LineBits = 23;

    /// <summary>The list's name.</summary>
    public required string Name { get; init; }

    /// <summary>The entries that are names.</summary>
    public required ListRecords Records { get; init; }

    /// <summary>How many records there are.</summary>
    public required int Names { get; init; }

    /// <summary>What entries say beyond their names.</summary>
    public required ImmutableArray<EntryDetail> Details { get; init; }

    /// <summary>The entries that are no names.</summary>
    public required ImmutableArray<PatternEntry> Patterns { get; init; }

    /// <summary>Entries that match whatever the name, by the client's address.</summary>
    public required ImmutableArray<TriggerEntry> Clients { get; init; }

    /// <summary>Entries on what upstreams answer.</summary>
    public required ImmutableArray<TriggerEntry> Answers { get; init; }

    /// <summary>Which numbers of labels the names have.</summary>
    public required ulong Depths { get; init; }

    /// <summary>What was read of each source; entries refer to them by number.</summary>
    public required ImmutableArray<SourceReport> Sources { get; init; }

    /// <summary>How many entries there are.</summary>
    public int Count => Names + Patterns.Length + Clients.Length + Answers.Length;

    /// <summary>How many octets it takes, its share of the index included.</summary>
    public required long Bytes { get; init; }

    /// <summary>The detail of a record; null when it has none.</summary>
    public EntryDetail? Detail(ReadOnlySpan<byte> record) => DetailTable.NumberIn(record) is >= 0 and var number ? Details[number] : null;

    /// <inheritdoc/>
    public ListEntryReport Describe(int entry)
    {
        if (entry < 0)
        {
            return DescribeOther(~entry);
        }

        var record = Records.At((uint)entry);
        var report = Report(ListRecords.Place(record), EntryText.Print(record, Detail(record)));
        GC.KeepAlive(this);
        return report;
    }

    private ListEntryReport DescribeOther(int number)
    {
        if (number < Patterns.Length)
        {
            return Report(Patterns[number].Place, Patterns[number].Text);
        }

        number -= Patterns.Length;
        return number < Clients.Length
            ? Report(Clients[number].Place, Clients[number].Text)
            : Report(Answers[number - Clients.Length].Place, Answers[number - Clients.Length].Text);
    }

    private ListEntryReport Report(uint place, string text) => new(Name, Sources[(int)(place >> LineBits)].Source, (int)(place & ((1 << LineBits) - 1)), text);
}
