namespace DnsFlow.Queries;

/// <summary>A rule that did not match.</summary>
/// <param name="Rule">The rule's index.</param>
/// <param name="Condition">The key of the first condition that did not hold: <c>Domains</c>; <c>paused</c> when none was asked.</param>
/// <param name="PausedUntil">When the rule's pause ends; null = it is not paused.</param>
public readonly record struct RuleMiss(int Rule, string Condition, DateTimeOffset? PausedUntil = null);
