namespace DnsFlow.Policy;

/// <summary>Collects, for <c>explain</c>, why each rule before the one that matched did not.</summary>
public sealed class RuleTrace
{
    private readonly List<(int Rule, RuleMiss Miss)> _misses = [];

    /// <summary>The rules that were tried and missed, in order.</summary>
    public IReadOnlyList<(int Rule, RuleMiss Miss)> Misses => _misses;

    /// <summary>Notes a miss.</summary>
    internal void Add(int rule, RuleMiss miss) => _misses.Add((rule, miss));
}
