using DnsFlow.Flows;

namespace DnsFlow.Policy;

/// <summary>
/// What is paused, by the numbers that the rules and lists of one plan have: most of them are not, which one bit says. Immutable, thread safe; asking
/// allocates nothing.
/// </summary>
internal sealed class PausedSet
{
    private readonly NumberedPauses _rules;
    private readonly NumberedPauses _lists;

    /// <summary>Finds what the pauses mean; null when it is nothing here.</summary>
    /// <param name="pauses">The pauses.</param>
    /// <param name="rules">The names of the rules by number.</param>
    /// <param name="lists">The names of the lists by number.</param>
    public static PausedSet? Of(IReadOnlyList<PauseEntry> pauses, IReadOnlyList<string> rules, IReadOnlyList<string> lists)
    {
        var set = new PausedSet(new NumberedPauses(pauses, rules), new NumberedPauses(pauses, lists));
        return set._rules.IsEmpty && set._lists.IsEmpty ? null : set;
    }

    private PausedSet(NumberedPauses rules, NumberedPauses lists) => (_rules, _lists) = (rules, lists);

    /// <summary>The pause of a rule; null = it is not paused.</summary>
    public PauseEntry? FindRule(int rule, in FlowEndpoint client, long now, DateTimeOffset? at) => _rules.Find(rule, client, now, at);

    /// <summary>The pause of a list; null = it is not paused.</summary>
    public PauseEntry? FindList(int list, in FlowEndpoint client, long now, DateTimeOffset? at) => _lists.Find(list, client, now, at);
}
