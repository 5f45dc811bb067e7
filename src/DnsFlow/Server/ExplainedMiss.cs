namespace DnsFlow.Server;

/// <summary>A rule that did not match.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Condition">The first condition that did not hold.</param>
public sealed record ExplainedMiss(string Rule, string Condition);
