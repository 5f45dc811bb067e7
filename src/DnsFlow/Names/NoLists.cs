using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Names;

/// <summary>Lists that have names and nothing in them: to check rules before the lists are read.</summary>
public sealed class NoLists(IEnumerable<string> names) : INameLists
{
    /// <summary>No list at all.</summary>
    public static NoLists None { get; } = new([]);

    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = [.. names];

    /// <inheritdoc/>
    public bool TryMatch(int list, ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow, ref ListLookup lookup, out ListMatch match)
    {
        match = default;
        return false;
    }

    /// <inheritdoc/>
    public bool TryMatchAnswer(
        int list, ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow, ReadOnlySpan<byte> response, ref ListLookup lookup, out ListMatch match)
    {
        match = default;
        return false;
    }

    /// <inheritdoc/>
    public void Begin(ReadOnlySpan<byte> name, ref ListLookup lookup) => lookup = default;

    /// <inheritdoc/>
    public void Continue(ref ListLookup lookup)
    {
    }
}
