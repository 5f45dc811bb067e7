using DnsFlow.Names;
using DnsFlow.Queries;

namespace DnsFlow.Policy.Conditions;

/// <summary>One of some lists, given by their numbers, matches the query, in answer rules also the response to it. The entry by which it did is kept for the action. A list that is paused matches nothing.</summary>
internal sealed class ListCondition(string key, INameLists lists, int[] numbers, bool isNegated) : RuleCondition(key, isNegated)
{
    private readonly int[] _numbers = numbers;

    protected override bool Contains(in QueryFacts facts, in RuleState state)
    {
        foreach (var number in _numbers)
        {
            if (!facts.Pauses.HasList(number, facts.Flow.Client) && TryMatch(number, facts, state, out var match))
            {
                if (!IsNegated)
                {
                    state.Lists.Match = match;
                }

                return true;
            }
        }

        return false;
    }

    private bool TryMatch(int number, in QueryFacts facts, in RuleState state, out ListMatch match) => facts.Response.IsEmpty
        ? lists.TryMatch(number, facts.Name, facts.Type, facts.Flow, ref state.Lists, out match)
        : lists.TryMatchAnswer(number, facts.Name, facts.Type, facts.Flow, facts.Response, ref state.Lists, out match);

    protected override bool Covers(RuleCondition other) => Array.TrueForAll(((ListCondition)other)._numbers, own => _numbers.Contains(own));
}
