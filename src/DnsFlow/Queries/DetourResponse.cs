using DnsFlow.Protocol;
using DnsFlow.Telemetry;

namespace DnsFlow.Queries;

/// <summary>A response on a detour.</summary>
/// <param name="Message">The message; empty = none is sent.</param>
/// <param name="Outcome">How the query is counted.</param>
/// <param name="Code">The RCODE.</param>
internal readonly record struct DetourResponse(byte[] Message, QueryOutcome Outcome, ResponseCode Code);
