using System.Collections.Immutable;
using DnsFlow.Flows;
using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists;

/// <summary>The lists of one plan. What is in them is swapped by one reference.</summary>
internal sealed class ListSet : INameLists
{
    private volatile ListIndex _index;

    /// <summary>Makes a set of lists, which keep their order.</summary>
    public ListSet(ImmutableArray<ListState> lists, ListPlace place)
    {
        Lists = lists;
        Place = place;
        Names = [.. lists.Select(static list => list.Name)];
        _index = Compile();
    }

    /// <summary>A set without lists.</summary>
    public static ListSet Empty { get; } = new([], ListPlace.None);

    /// <summary>The lists by number.</summary>
    public ImmutableArray<ListState> Lists { get; }

    /// <summary>Where they are, and what bounds them.</summary>
    public ListPlace Place { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; }

    /// <summary>How many octets the lists take.</summary>
    public long Bytes => _index.Lists.Sum(static list => list?.Bytes ?? 0);

    /// <inheritdoc/>
    public bool TryMatch(int list, ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow, ref ListLookup lookup, out ListMatch match)
        => Looked(name, ref lookup).TryMatch(list, name, type, flow, ref lookup, out match);

    /// <inheritdoc/>
    public bool TryMatchAnswer(
        int list, ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow, ReadOnlySpan<byte> response, ref ListLookup lookup, out ListMatch match)
        => Looked(name, ref lookup).TryMatchAnswer(list, name, type, flow, response, ref lookup, out match);

    /// <inheritdoc/>
    public void Begin(ReadOnlySpan<byte> name, ref ListLookup lookup) => _index.Begin(name, ref lookup);

    /// <inheritdoc/>
    public void Continue(ref ListLookup lookup) => ((ListIndex)lookup.State!).Narrow(ref lookup);

    /// <summary>Takes what the lists have now.</summary>
    public void Update()
    {
        if (!_index.Lists.SequenceEqual(Lists.Select(static list => list.Data)))
        {
            _index = Compile();
        }
    }

    private ListIndex Looked(ReadOnlySpan<byte> name, ref ListLookup lookup)
    {
        if (lookup.State is not ListIndex index)
        {
            index = _index;
            index.Begin(name, ref lookup);
        }

        if (!lookup.IsNarrowed)
        {
            index.Narrow(ref lookup);
        }

        return index;
    }

    private ListIndex Compile() => new([.. Lists.Select(static list => list.Data)]);
}
