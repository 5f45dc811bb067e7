using System.Collections.Immutable;
using DnsFlow.Names;
using DnsFlow.Policy.Conditions;

namespace DnsFlow.Policy;

/// <summary>
/// The pattern lists of all rules in one name index. A list is a term: its ordinal in the index is the first of its rule plus its bit, so terms come in
/// the order of the rules. Immutable.
/// </summary>
internal sealed class PatternTerms
{
    /// <summary>The most pattern lists one rule can have, those inside of <c>Any</c> and <c>Not</c> included.</summary>
    public const int MaxPerRule = 64;

    private readonly int[] _rules;
    private readonly byte[] _bits;

    private PatternTerms(NameIndex index, int[] rules, byte[] bits) => (Index, _rules, _bits) = (index, rules, bits);

    /// <summary>The index.</summary>
    public NameIndex Index { get; }

    /// <summary>The rule a term belongs to.</summary>
    public int RuleOf(int term) => _rules[term];

    /// <summary>The bit of the hits that stands for a term.</summary>
    public int BitOf(int term) => _bits[term];

    /// <summary>Compiles the patterns of some rules; null when there are more than an index holds.</summary>
    public static PatternTerms? TryBuild(ImmutableArray<QueryRule> rules)
    {
        var names = new NameIndexBuilder();
        var (terms, bits) = (new List<int>(), new List<byte>());
        foreach (var rule in rules)
        {
            foreach (var condition in AllConditions.Flatten(rule.Conditions).OfType<DomainCondition>().Where(static one => one.Names.Length > 0))
            {
                if (!Array.TrueForAll(condition.Names, pattern => names.TryAdd(pattern, terms.Count)))
                {
                    return null;
                }

                terms.Add(rule.Index);
                bits.Add((byte)condition.Bit);
            }
        }

        return new(names.Build(), [.. terms], [.. bits]);
    }
}
