using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>How far a walk over the rules has come. Lives on the stack of whoever walks.</summary>
internal ref struct RuleCursor(ref ListLookup lists)
{
    /// <summary>The rule that is looked at next.</summary>
    public int Rule;

    /// <summary>The tags that the rules so far gave.</summary>
    public ulong Tags;

    /// <summary>The lookup in the lists, and the entry by which the rule matched that came last.</summary>
    public readonly ref ListLookup Lists = ref lists;

    /// <summary>The sets of pattern lists that cover the name.</summary>
    public Span<int> Sets;

    /// <summary>How far each set is used up.</summary>
    public Span<int> Heads;

    /// <summary>The rules that wait for this client, by their numbers, as far as they are still ahead.</summary>
    public ReadOnlySpan<int> ClientRules;

    /// <summary>The rules that wait for neither a name nor a client, as far as they are still ahead.</summary>
    public OpenRules.Cursor Open;
}
