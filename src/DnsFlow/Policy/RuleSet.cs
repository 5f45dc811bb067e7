using System.Collections.Immutable;
using DnsFlow.Names;

namespace DnsFlow.Policy;

/// <summary>
/// The query rules of one plan: the first that matches acts, the last matches everything. Rules with names are found by one lookup in the name index
/// and merged in order with the rules without names, so a thousand named rules cost no more than one. Immutable, thread safe, allocates nothing.
/// </summary>
public sealed class RuleSet
{
    private readonly NameIndex _names;
    private readonly int[] _nameless;

    // The index holds 2 x rule for a pattern that the rule asks for, and 2 x rule + 1 for one that it excludes.
    internal RuleSet(ImmutableArray<QueryRule> rules, NameIndex names)
    {
        Rules = rules;
        _names = names;
        _nameless = [.. rules.Where(static rule => !rule.HasDomains).Select(static rule => rule.Index)];
    }

    /// <summary>The rules in order.</summary>
    public ImmutableArray<QueryRule> Rules { get; }

    /// <summary>
    /// The rule that acts on a query. A pure function of the facts: the live path, <c>explain</c> and <c>replay</c> share it. With a
    /// <paramref name="trace"/> every rule is tried one by one and the misses are collected.
    /// </summary>
    public QueryRule Decide(in QueryFacts facts, RuleTrace? trace = null)
    {
        Span<int> sets = stackalloc int[NameIndex.MaxMatches];
        sets = sets[.._names.Find(facts.Name, sets)];
        Span<int> heads = stackalloc int[sets.Length];
        heads.Clear();
        var nameless = 0;
        for (var next = 0; next < Rules.Length - 1; next++)
        {
            if (trace is null)
            {
                next = NextCandidate(sets, heads, nameless);
            }

            while (nameless < _nameless.Length && _nameless[nameless] <= next)
            {
                nameless++;
            }

            var (isCovered, isExcluded) = TakeHeads(sets, heads, next);
            var miss = Rules[next].Find(facts, isCovered, isExcluded);
            if (miss == RuleMiss.None)
            {
                return Rules[next];
            }

            trace?.Add(next, miss);
        }

        return Rules[^1];
    }

    private int NextCandidate(ReadOnlySpan<int> sets, ReadOnlySpan<int> heads, int nameless)
    {
        var next = nameless < _nameless.Length ? _nameless[nameless] : Rules.Length - 1;
        for (var i = 0; i < sets.Length; i++)
        {
            var ordinals = _names.Ordinals(sets[i]);
            if (heads[i] < ordinals.Length)
            {
                next = Math.Min(next, ordinals[heads[i]] >> 1);
            }
        }

        return next;
    }

    /// <summary>Steps over everything the sets say about rules up to <paramref name="rule"/>, and returns what they say about it.</summary>
    private (bool IsCovered, bool IsExcluded) TakeHeads(ReadOnlySpan<int> sets, Span<int> heads, int rule)
    {
        var (isCovered, isExcluded) = (false, false);
        for (var i = 0; i < sets.Length; i++)
        {
            var ordinals = _names.Ordinals(sets[i]);
            while (heads[i] < ordinals.Length && ordinals[heads[i]] >> 1 <= rule)
            {
                isCovered |= ordinals[heads[i]] == rule << 1;
                isExcluded |= ordinals[heads[i]] == (rule << 1 | 1);
                heads[i]++;
            }
        }

        return (isCovered, isExcluded);
    }
}
