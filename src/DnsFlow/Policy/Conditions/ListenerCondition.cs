namespace DnsFlow.Policy.Conditions;

/// <summary>The flow came to one of some listeners; <paramref name="listeners"/> says for each of the plan whether it is meant.</summary>
internal sealed class ListenerCondition(bool[] listeners) : RuleCondition("Listener")
{
    /// <summary>Whether a listener is meant.</summary>
    public bool Has(int listener) => (uint)listener < (uint)listeners.Length && listeners[listener];

    protected override bool Contains(in QueryFacts facts, in RuleState state) => Has(facts.Flow.Listener);

    protected override bool Covers(RuleCondition other) => Enumerable.Range(0, listeners.Length).All(i => Has(i) || !((ListenerCondition)other).Has(i));
}
