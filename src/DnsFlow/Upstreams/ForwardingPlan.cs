using System.Collections.Immutable;
using DnsFlow.Flows;
using DnsFlow.Names;
using DnsFlow.Queries;

namespace DnsFlow.Upstreams;

/// <summary>
/// The part of the plan that both planes need to decide about flows and queries and to forward them. Immutable; swapped as a whole.
/// </summary>
internal sealed class ForwardingPlan
{
    /// <summary>Decides about queries.</summary>
    public required QueryEngine Engine { get; init; }

    /// <summary>The lists that rules ask; null = none do.</summary>
    public INameLists? Lists { get; init; }

    /// <summary>Gives the verdict on new flows.</summary>
    public required IFlowHandler FlowHandler { get; init; }

    /// <summary>The groups, by <see cref="ForwardTarget.Group"/>.</summary>
    public required ImmutableArray<UpstreamGroup> Groups { get; init; }

    /// <summary>Where passed flows go: what the system would use.</summary>
    public required UpstreamGroup SystemGroup { get; init; }

    /// <summary>The listeners' indexes by the address of their datagram sockets; a socket that is not named keeps the index it was bound with.</summary>
    public ImmutableArray<(FlowEndpoint Address, int Listener)> Labels { get; init; } = [];

    /// <summary>The load balancers whose headers say who the client is, by listener; null = none. Empty = nowhere.</summary>
    public ImmutableArray<NetworkSet?> Proxies { get; init; } = [];

    /// <summary>The cookies that clients get; null = none.</summary>
    public ServerCookies? Cookies { get; init; }

    /// <summary>The networks that questions are asked for.</summary>
    public SubnetTable Subnets { get; init; } = new();

    /// <summary>Who may ask, by listener.</summary>
    public required ImmutableArray<NetworkSet> Access { get; init; }
}
