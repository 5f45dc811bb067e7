using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using DnsFlow.Flows;
using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists;

/// <summary>
/// All lists in one table: a name is looked up once, suffix by suffix, however many lists there are. The table holds only where the records of the lists
/// are, so that lists that stay are not copied when another one changes. Immutable; thread safe; asking allocates nothing.
/// </summary>
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
        if (data is null || (lookup.Count == 0 && _patterns[list] is null && _clients[list] is null))
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

        for (var offset = lookup.Rest; offset > 0 && name[offset] != 0; offset += name[offset] + 1)
        {
            TakeRecords(list, data, name, NameSuffixes.Hash(name[offset..]) | (uint)offset, ref verdict);
        }

        if (_patterns[list] is { } patterns)
        {
            patterns.Try(name, ref verdict);
        }

        return !verdict.IsNever && clients?.Decide(flow, out match) is { } decided ? decided
            : verdict.TryDecide(out match) ? true : verdict.IsException ? false : null;
    }

    /// <summary>Finds which suffixes of a name, itself included, some list has.</summary>
    public void Look(ReadOnlySpan<byte> name, ref ListLookup lookup)
    {
        lookup.State = this;
        lookup.Count = 0;
        lookup.Rest = 0;
        var labels = WireName.CountLabels(name);
        for (var offset = 0; ; offset += name[offset] + 1, labels--)
        {
            if ((_depths & NameSuffixes.DepthBit(labels)) != 0)
            {
                var hash = NameSuffixes.Hash(name[offset..]);
                if (Has(hash, name[offset..]))
                {
                    if (lookup.Count == ListLookup.MaxFound)
                    {
                        lookup.Rest = offset;
                        return;
                    }

                    lookup.Found[lookup.Count++] = hash | (uint)offset;
                }
            }

            if (labels == 0)
            {
                return;
            }
        }
    }

    /// <summary>Asks for the lines of memory that <see cref="Look"/> begins with.</summary>
    public void Prefetch(ReadOnlySpan<byte> name)
    {
        var labels = WireName.CountLabels(name);
        for (var offset = 0; labels > 0; offset += name[offset] + 1, labels--)
        {
            if ((_depths & NameSuffixes.DepthBit(labels)) != 0)
            {
                _table.Prefetch(NameSuffixes.Hash(name[offset..]));
            }
        }
    }

    private bool Has(ulong hash, ReadOnlySpan<byte> suffix)
    {
        var probe = _table.Find(hash);
        while (probe.MoveNext(out var value))
        {
            if (IsNamed(Record(value), suffix))
            {
                return true;
            }
        }

        return false;
    }

    private void TakeRecords(int list, ListData data, ReadOnlySpan<byte> name, ulong found, ref ListVerdict verdict)
    {
        var offset = (int)(found & 0xFF);
        var probe = _table.Find(found & ~0xFFUL);
        while (probe.MoveNext(out var value))
        {
            ref readonly var block = ref _blocks[(int)(value >> ListData.BlockBits)];
            var record = Record(value);
            if (block.List != list || !IsNamed(record, name[offset..]))
            {
                continue;
            }

            var flags = ListData.Flags(record);
            var scope = (NameScope)(flags & EntryFlags.ScopeMask);
            if (scope == NameScope.AtAndBelow || (scope == NameScope.Exact) == (offset == 0))
            {
                verdict.Take(flags, data.Detail(record), (int)(value - block.First));
            }
        }
    }

    private static bool IsNamed(ReadOnlySpan<byte> record, ReadOnlySpan<byte> name) => record[ListData.NameOffset(ListData.Flags(record))..].StartsWith(name);

    private ReadOnlySpan<byte> Record(uint value) => _blocks[(int)(value >> ListData.BlockBits)].Octets.AsSpan((int)(value & ((1 << ListData.BlockBits) - 1)));

    private void AddRecords(ListData list, int number, List<Block> blocks)
    {
        var first = (uint)blocks.Count << ListData.BlockBits;
        blocks.AddRange(list.Blocks.Select(octets => new Block(octets, number, first)));
        for (var i = 0; i < list.Blocks.Length; i++)
        {
            var octets = list.Blocks[i].AsSpan(0, list.Lengths[i]);
            for (var position = 0; position < octets.Length;)
            {
                var name = position + ListData.NameOffset((EntryFlags)octets[position]);
                var length = WireName.Measure(octets, name);
                _table.Add(NameSuffixes.Hash(octets.Slice(name, length)), first + ((uint)i << ListData.BlockBits) + (uint)position);
                position = name + length;
            }
        }
    }

    private readonly record struct Block(byte[] Octets, int List, uint First);
}
