using DnsFlow.Flows;

namespace DnsFlow.Upstreams;

/// <summary>What the operating system would ask.</summary>
/// <param name="Endpoints">The resolvers in order, without ourselves.</param>
/// <param name="Problem">Why there is none, for people; null when there is one.</param>
internal sealed record SystemResolverList(IReadOnlyList<FlowEndpoint> Endpoints, string? Problem);
