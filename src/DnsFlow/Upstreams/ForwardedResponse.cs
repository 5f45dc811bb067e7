using DnsFlow.Protocol;
using DnsFlow.Telemetry;

namespace DnsFlow.Upstreams;

/// <summary>What became of a <see cref="ForwardRequest"/>.</summary>
/// <param name="Message">The response for this client, complete; empty when there is none to send.</param>
/// <param name="Outcome">How the query is counted.</param>
/// <param name="Code">The RCODE.</param>
internal readonly record struct ForwardedResponse(byte[] Message, QueryOutcome Outcome, ResponseCode Code);
