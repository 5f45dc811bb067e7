using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists;

/// <summary>
/// All lists in one table: a name is looked up once, suffix by suffix, however many lists there are. The table holds only where the records of the lists
/// are, so that lists that stay are not copied when another one changes. Immutable; thread safe; asking allocates nothing.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Queries read the table when another index has long taken its place: it is freed when nobody holds it any more.")]
internal sealed class ListIndex
{
    private readonly ImmutableArray<ListData?> _lists;
    private readonly PatternSet?[] _patterns;
    private readonly ClientTriggers?[] _clients;
    private readonly AnswerTriggers?[] _answers;
    private readonly NameTagTable _table;
    private readonly Block[] _blocks;
    private readonly ulong _depths;

    /// <summary>Compiles lists; a list that was not read yet is null, and matches nothing.</summary>
    public ListIndex(ImmutableArray<ListData?> lists)
    {
        _lists = lists;
        _patterns = [.. lists.Select(static list => list is { Patterns.Length: > 0 } ? new PatternSet(list) : null)];
        _clients = [.. lists.Select(static list => list is { Clients.Length: > 0 } ? new ClientTriggers(list) : null)];
        _answers = [.. lists.Select(static list => list is { Answers.Length: > 0 } ? new AnswerTriggers(list) : null)];
        _table = new NameTagTable(lists.Sum(static list => list?.Names ?? 0));
        var blocks = new List<Block>();
        for (var i = 0; i < lists.Length; i++)
        {
            if (lists[i] is { } list)
            {
                _depths |= list.Depths;
                AddRecords(list, i, blocks);
            }
        }

        _blocks = [.. blocks];
    }

    /// <summary>The lists by number.</summary>
    public ImmutableArray<ListData?> Lists => _lists;

    /// <summary>Whether a list matches a query, as <see cref="INameLists.TryMatch"/> says.</summary>
    public bool TryMatch(int list, ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow, ref ListLookup lookup, out ListMatch match) =>
        Decide(list, name, type, flow, ref lookup, out match) == true;

    /// <summary>Whether a list matches a response, as <see cref="INameLists.TryMatchAnswer"/> says.</summary>
    public bool TryMatchAnswer(
        int list, ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow, ReadOnlySpan<byte> response, ref ListLookup lookup, out ListMatch match) =>
        Decide(list, name, type, flow, ref lookup, out match) ?? (_answers[list] is { } answers && answers.TryMatch(flow, response, out match));

    /// <summary>What the client and the name decide; null = nothing.</summary>
    [SkipLocalsInit]
    private bool? Decide(int list, ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow, ref ListLookup lookup, out ListMatch match)
    {
        match = default;
        var data = _lists[list];
        if (data is null || (lookup.Count == 0 && lookup.Rest == 0 && _patterns[list] is null && _clients[list] is null))
        {
            return null;
        }

        var clients = _clients[list];
        if (clients is not null && clients.IsNever(flow))
        {
            return false;
        }

        var verdict = new ListVerdict(data, name, type, in flow);
        for (var i = 0; i < lookup.Count; i++)
        {
            TakeRecords(list, data, name, lookup.Found[i], ref verdict);
        }

        for (var offset = lookup.Rest; offset > 0; offset = name[offset] == 0 ? 0 : offset + name[offset] + 1)
        {
            TakeRecords(list, data, name, NameSuffixes.Hash(name[offset..]) | (uint)offset, ref verdict);
        }

        if (_patterns[list] is { } patterns)
        {
            patterns.Try(name, ref verdict);
        }

        GC.KeepAlive(this);
        return !verdict.IsNever && clients?.Decide(flow, out match) is { } decided ? decided
            : verdict.TryDecide(out match) ? true : verdict.IsException ? false : null;
    }

    /// <summary>Begins the lookup of a name, and asks for the lines of memory that <see cref="Narrow"/> reads.</summary>
    public void Begin(ReadOnlySpan<byte> name, ref ListLookup lookup)
    {
        lookup.State = this;
        lookup.IsNarrowed = false;
        lookup.Count = 0;
        lookup.Rest = 0;
        var labels = WireName.CountLabels(name);
        for (var offset = 0; labels >= 0; offset += name[offset] + 1, labels--)
        {
            if ((_depths & NameSuffixes.DepthBit(labels)) == 0)
            {
                continue;
            }

            if (lookup.Count == ListLookup.MaxFound)
            {
                lookup.Rest = offset;
                return;
            }

            var hash = NameSuffixes.Hash(name[offset..]);
            _table.Prefetch(hash);
            lookup.Found[lookup.Count++] = hash | (uint)offset;
        }
    }

    /// <summary>Leaves of the suffixes those that some list seems to have, of unlisted ones one in twenty, and asks for their records.</summary>
    public void Narrow(ref ListLookup lookup)
    {
        var kept = 0;
        for (var i = 0; i < lookup.Count; i++)
        {
            var isThere = false;
            var probe = _table.Find(lookup.Found[i] & ~0xFFUL);
            while (probe.MoveNext(out var value))
            {
                _blocks[(int)(value >> ListRecords.BlockBits)].Prefetch(value);
                isThere = true;
            }

            if (isThere)
            {
                lookup.Found[kept++] = lookup.Found[i];
            }
        }

        lookup.Count = kept;
        lookup.IsNarrowed = true;
        GC.KeepAlive(this);     // its memory is not the collector's
    }

    private void TakeRecords(int list, ListData data, ReadOnlySpan<byte> name, ulong found, ref ListVerdict verdict)
    {
        var offset = (int)(found & 0xFF);
        var probe = _table.Find(found & ~0xFFUL);
        while (probe.MoveNext(out var value))
        {
            ref readonly var block = ref _blocks[(int)(value >> ListRecords.BlockBits)];
            if (block.List != list)
            {
                continue;
            }

            var record = block.Records(value);
            if (!IsNamed(record, name[offset..]))
            {
                continue;
            }

            var flags = ListRecords.Flags(record);
            var scope = (NameScope)(flags & EntryFlags.ScopeMask);
            if (scope == NameScope.AtAndBelow || (scope == NameScope.Exact) == (offset == 0))
            {
                verdict.Take(flags, data.Detail(record), (int)(value - block.First));
            }
        }
    }

    private static bool IsNamed(ReadOnlySpan<byte> record, ReadOnlySpan<byte> name) => record[ListRecords.NameOffset(ListRecords.Flags(record))..].StartsWith(name);

    private void AddRecords(ListData list, int number, List<Block> blocks)
    {
        var first = (uint)blocks.Count << ListRecords.BlockBits;
        for (var i = 0; i < list.Records.Blocks; i++)
        {
            blocks.Add(new Block(list.Records.Pages!, number, first));
        }

        list.Records.ForEachName((name, record) => _table.Add(NameSuffixes.Hash(name), first + record));
    }

    /// <summary>A block of records.</summary>
    /// <param name="Pages">The memory of its list.</param>
    /// <param name="List">The list's number.</param>
    /// <param name="First">The number that the list's first record has here.</param>
    private readonly record struct Block(PageBuffer Pages, int List, uint First)
    {
        /// <summary>The record of a number, and what follows it.</summary>
        public ReadOnlySpan<byte> Records(uint number) => Pages.From(number - First);

        /// <summary>Asks for the record of a number, most of which are in two lines at most.</summary>
        public void Prefetch(uint number)
        {
            Pages.Prefetch(number - First);
            Pages.Prefetch(number - First + 32);
        }
    }
}
