using DnsFlow.Flows;

namespace DnsFlow.Copying;

/// <summary>A stream flow as it is now.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="OpenedAt">When it was accepted, in microseconds of the monotonic clock.</param>
/// <param name="LastActive">When something last went either way; null = nobody here copies it.</param>
/// <param name="InFlight">Queries whose response is still to come.</param>
internal sealed record StreamFlowView(StreamFlow Flow, long OpenedAt, long? LastActive, int InFlight);
