using DnsFlow.Flows;

namespace DnsFlow.Copying;

/// <summary>A stream flow as it is now.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="OpenedAt">When it was accepted, in microseconds of the monotonic clock.</param>
/// <param name="LastActive">When something last went either way; null = nobody here copies it.</param>
/// <param name="InFlight">Queries whose response is still to come.</param>
/// <param name="Unsent">Octets of responses that the client has not taken yet.</param>
/// <param name="LastAnswer">The last response.</param>
internal sealed record StreamFlowView(StreamFlow Flow, long OpenedAt, long? LastActive, int InFlight, int Unsent, LastAnswer LastAnswer);
