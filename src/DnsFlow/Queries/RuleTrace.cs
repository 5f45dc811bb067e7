namespace DnsFlow.Queries;

/// <summary>Collects, for <c>explain</c>, what became of each rule before the one that decided.</summary>
public sealed class RuleTrace
{
    private readonly List<RuleMiss> _misses = [];
    private readonly List<int> _passed = [];

    /// <summary>The rules that were tried and missed, in order.</summary>
    public IReadOnlyList<RuleMiss> Misses => _misses;

    /// <summary>The rules that matched and let later ones go on, in order.</summary>
    public IReadOnlyList<int> Passed => _passed;

    /// <summary>Notes a miss.</summary>
    internal void Miss(int rule, string condition, DateTimeOffset? pausedUntil = null) => _misses.Add(new(rule, condition, pausedUntil));

    /// <summary>Notes a rule that matched and was not the last.</summary>
    internal void Pass(int rule) => _passed.Add(rule);
}
