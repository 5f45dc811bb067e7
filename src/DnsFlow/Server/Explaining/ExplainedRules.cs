namespace DnsFlow.Server.Explaining;

/// <summary>What became of a list of rules.</summary>
/// <param name="Rule">The rule that decided; null = none did.</param>
/// <param name="Action">Its action, or its verdict.</param>
/// <param name="Passed">The rules before it that matched and let later ones go on, in order.</param>
/// <param name="Missed">The rules before it that did not match, in order.</param>
public sealed record ExplainedRules(string? Rule, string? Action, IReadOnlyList<string> Passed, IReadOnlyList<ExplainedMiss> Missed);
