using DnsFlow.Flows;
using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Tests.Shards;

/// <summary>Lists that count the lookups which were begun ahead.</summary>
internal sealed class CountingLists(INameLists lists) : INameLists
{
    public int Begun { get; private set; }

    public int Continued { get; private set; }

    public IReadOnlyList<string> Names => lists.Names;

    public bool TryMatch(int list, ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow, ref ListLookup lookup, out ListMatch match)
    {
        Assert.True(lookup.IsNarrowed, "the lookup was not begun with the batch");
        return lists.TryMatch(list, name, type, flow, ref lookup, out match);
    }

    public bool TryMatchAnswer(
        int list, ReadOnlySpan<byte> name, RecordType type, in FlowFacts flow, ReadOnlySpan<byte> response, ref ListLookup lookup, out ListMatch match) =>
        lists.TryMatchAnswer(list, name, type, flow, response, ref lookup, out match);

    public void Begin(ReadOnlySpan<byte> name, ref ListLookup lookup)
    {
        Begun++;
        lists.Begin(name, ref lookup);
    }

    public void Continue(ref ListLookup lookup)
    {
        Continued++;
        lists.Continue(ref lookup);
    }
}
