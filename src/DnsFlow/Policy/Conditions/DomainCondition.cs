using DnsFlow.Names;

namespace DnsFlow.Policy.Conditions;

/// <summary>
/// A pattern covers the query's name. The name index has found out about the plain ones, bit <paramref name="bit"/> of the hits says so; only regular
/// expressions are tried here.
/// </summary>
internal sealed class DomainCondition(string key, IReadOnlyList<DomainPattern> patterns, int bit, bool isNegated) : RuleCondition(key, isNegated)
{
    private const int MaxComparisons = 100_000;

    private readonly NameRegex[] _regexes = [.. patterns.Select(static pattern => pattern.Regex).OfType<NameRegex>()];

    /// <summary>The patterns that belong into the index.</summary>
    public NamePattern[] Names { get; } = [.. patterns.Select(static pattern => pattern.Name).OfType<NamePattern>()];

    /// <summary>All patterns as they were written.</summary>
    public IReadOnlyList<DomainPattern> Patterns { get; } = patterns;

    /// <summary>The bit of the hits that stands for the patterns.</summary>
    public int Bit { get; } = bit;

    public override bool NeedsName => !IsNegated && _regexes.Length == 0;

    protected override bool Contains(in QueryFacts facts, in RuleState state)
    {
        if ((state.Hits >> Bit & 1) != 0)
        {
            return true;
        }

        foreach (var regex in _regexes)
        {
            if (regex.Matches(facts.Name))
            {
                return true;
            }
        }

        return false;
    }

    // Long lists are not compared with each other: that one hides another is a question of a moment.
    protected override bool Covers(RuleCondition other) =>
        (long)Patterns.Count * ((DomainCondition)other).Patterns.Count <= MaxComparisons && ((DomainCondition)other).Patterns.All(CoversPattern);

    private bool CoversPattern(DomainPattern other) => other.Name is { } name
        ? Array.Exists(Names, own => NameScopes.Covers(own, name))
        : Array.Exists(_regexes, own => own.ToString() == other.Regex!.ToString());
}
