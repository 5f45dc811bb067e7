using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Server;

/// <summary>What a configuration decides about one query; see <see cref="ProxyPolicy.Decide"/>. Two are equal when they decide the same by the same rules.</summary>
/// <param name="Verdict">The verdict on its flow; only of claimed ones the rest means anything.</param>
/// <param name="FlowRule">The flow rule that gave it.</param>
/// <param name="Result">What comes of the query.</param>
/// <param name="Step">The step that decided; null when none did.</param>
/// <param name="QueryRule">The query rule that decided; -1 = none was asked.</param>
/// <param name="Outcome">How it is counted when it is answered or dropped.</param>
/// <param name="Code">The RCODE when it is answered.</param>
/// <param name="Group">The upstream group that was chosen; -1 = none.</param>
/// <param name="BypassesCache">Whether the cache stays out of it.</param>
public readonly record struct PolicyDecision(
    FlowVerdict Verdict, int FlowRule, StepResult Result, string? Step, int QueryRule, QueryOutcome Outcome, ResponseCode Code, int Group, bool BypassesCache);
