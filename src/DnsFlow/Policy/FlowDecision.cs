using DnsFlow.Flows;

namespace DnsFlow.Policy;

/// <summary>What the flow rules say about a flow.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Rule">The index of the rule that gave it.</param>
public readonly record struct FlowDecision(FlowVerdict Verdict, int Rule);
