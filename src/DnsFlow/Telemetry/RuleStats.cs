namespace DnsFlow.Telemetry;

/// <summary>How often a rule decided.</summary>
/// <param name="Stage"><c>flow</c>, <c>query</c> or <c>answer</c>.</param>
/// <param name="Rule">The rule's name.</param>
/// <param name="Matches">How often, since the process began.</param>
public sealed record RuleStats(string Stage, string Rule, long Matches);
