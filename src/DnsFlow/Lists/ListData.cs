using System.Buffers.Binary;
using System.Collections.Immutable;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists;

/// <summary>
/// One list, parsed: its entries as records in blocks of plain memory, each with its line. Immutable; a plan, and every state of the index, shares it.
/// </summary>
/// <remarks>A record is: flags (1 octet), source and line (4), the number of its detail (3, only with the flag), the name in wire form and lower case.</remarks>
internal sealed class ListData : IListEntries
{
    /// <summary>How many bits of an entry's number are its offset in its block.</summary>
    public const int BlockBits = 20;

    /// <summary>How many bits of the source and line are the line.</summary>
    public const int LineBits = 23;

    /// <summary>Octets before the name, or before the detail.</summary>
    public const int HeadSize = 5;

    /// <summary>Octets of a detail's number.</summary>
    public const int DetailSize = 3;

    /// <summary>The list's name.</summary>
    public required string Name { get; init; }

    /// <summary>The records.</summary>
    public required ImmutableArray<byte[]> Blocks { get; init; }

    /// <summary>How many octets of each block are records.</summary>
    public required ImmutableArray<int> Lengths { get; init; }

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

    /// <summary>The flags of a record.</summary>
    public static EntryFlags Flags(ReadOnlySpan<byte> record) => (EntryFlags)record[0];

    /// <summary>Where a record's name begins.</summary>
    public static int NameOffset(EntryFlags flags) => HeadSize + ((flags & EntryFlags.HasDetail) != 0 ? DetailSize : 0);

    /// <summary>The detail of a record; null when it has none.</summary>
    public EntryDetail? Detail(ReadOnlySpan<byte> record) => (Flags(record) & EntryFlags.HasDetail) == 0
        ? null
        : Details[record[HeadSize] | (record[HeadSize + 1] << 8) | (record[HeadSize + 2] << 16)];

    /// <inheritdoc/>
    public ListEntryReport Describe(int entry)
    {
        if (entry < 0)
        {
            return DescribeOther(~entry);
        }

        var record = Blocks[entry >> BlockBits].AsSpan(entry & ((1 << BlockBits) - 1));
        return Report(BinaryPrimitives.ReadUInt32LittleEndian(record[1..]), EntryText.Print(record, Detail(record)));
    }

    /// <summary>Calls <paramref name="visit"/> with every record and its number.</summary>
    public void ForEach(Action<uint, ReadOnlyMemory<byte>> visit)
    {
        for (var block = 0; block < Blocks.Length; block++)
        {
            var octets = Blocks[block];
            for (var position = 0; position < Lengths[block];)
            {
                var name = position + NameOffset((EntryFlags)octets[position]);
                var end = name + WireName.Measure(octets, name);
                visit(((uint)block << BlockBits) | (uint)position, octets.AsMemory(position..end));
                position = end;
            }
        }
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
