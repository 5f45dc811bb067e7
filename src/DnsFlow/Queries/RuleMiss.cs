namespace DnsFlow.Queries;

/// <summary>A rule that did not match.</summary>
/// <param name="Rule">The rule's index.</param>
/// <param name="Condition">The key of the first condition that did not hold: <c>Domains</c>.</param>
public readonly record struct RuleMiss(int Rule, string Condition);
