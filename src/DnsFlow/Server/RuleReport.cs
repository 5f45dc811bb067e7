using DnsFlow.Telemetry;

namespace DnsFlow.Server;

/// <summary>A rule in force, for people.</summary>
/// <param name="Stage"><c>flow</c>, <c>query</c> or <c>answer</c>.</param>
/// <param name="Index">Its place among the rules of the stage, from 0.</param>
/// <param name="Rule">Its name.</param>
/// <param name="Action">Its action, or its verdict.</param>
/// <param name="Matches">How often it decided, or added something, since the process began.</param>
/// <param name="Pauses">For whom it does not match, until when.</param>
public sealed record RuleReport(string Stage, int Index, string Rule, string Action, long Matches, IReadOnlyList<PauseStats> Pauses);
