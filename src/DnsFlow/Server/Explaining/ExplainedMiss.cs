namespace DnsFlow.Server.Explaining;

/// <summary>A rule that did not match.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Condition">The first condition that did not hold; <c>paused</c> when none was asked.</param>
/// <param name="PausedUntil">When the rule's pause ends; null = it is not paused.</param>
public sealed record ExplainedMiss(string Rule, string Condition, DateTimeOffset? PausedUntil = null);
