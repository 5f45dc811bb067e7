namespace DnsFlow.Policy.Conditions;

/// <summary>
/// One condition of a rule: a set of facts, or with <c>Not</c> before its key everything outside of the set. Immutable, thread safe; allocates nothing when asked.
/// </summary>
internal abstract class RuleCondition(string key, bool isNegated = false)
{
    /// <summary>Its key in <c>When</c>, for <c>explain</c>.</summary>
    public string Key { get; } = key;

    /// <summary>Whether it means what is outside of the set.</summary>
    public bool IsNegated { get; } = isNegated;

    /// <summary>Whether it can hold only when one of its patterns is found in the name index.</summary>
    public virtual bool NeedsName => false;

    /// <summary>The conditions inside of it.</summary>
    public virtual IEnumerable<RuleCondition> Inner => [];

    /// <summary>Whether it holds.</summary>
    public bool Holds(in QueryFacts facts, in RuleState state) => Contains(facts, state) != IsNegated;

    /// <summary>Whether this one holds whenever <paramref name="other"/> does; false also when that is not known.</summary>
    public bool IsImpliedBy(RuleCondition other) =>
        GetType() == other.GetType() && IsNegated == other.IsNegated && (IsNegated ? other.Covers(this) : Covers(other));

    /// <summary>Whether it rules out everything that <paramref name="other"/> allows; false also when that is not known.</summary>
    public bool Excludes(RuleCondition other) => IsNegated && !other.IsNegated && GetType() == other.GetType() && Covers(other);

    /// <summary>Whether the set contains the facts.</summary>
    protected abstract bool Contains(in QueryFacts facts, in RuleState state);

    /// <summary>Whether the set contains all of another's of the same type; false also when that is not known.</summary>
    protected abstract bool Covers(RuleCondition other);
}
