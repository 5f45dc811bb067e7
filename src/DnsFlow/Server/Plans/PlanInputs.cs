using System.Collections.Immutable;
using DnsFlow.Caching;
using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Policy;
using DnsFlow.Server.QueryLogs;
using DnsFlow.Upstreams;
using DnsFlow.Zones;

namespace DnsFlow.Server.Plans;

/// <summary>What a plan is compiled with beside the options.</summary>
internal sealed class PlanInputs
{
    /// <summary>The listeners' names by index.</summary>
    public required IReadOnlyList<string> Listeners { get; init; }

    /// <summary>The folder that file names are relative to; its <c>zones</c> folder is served.</summary>
    public required string BaseFolder { get; init; }

    /// <summary>Whether an address will be one of our own listeners.</summary>
    public required Func<FlowEndpoint, bool> IsOwnListener { get; init; }

    /// <summary>Makes the servers; it outlives plans, so that servers keep their state.</summary>
    public required UpstreamRegistry Upstreams { get; init; }

    /// <summary>The groups of the plan before; those that stay the same go on as they are.</summary>
    public ImmutableArray<UpstreamGroup> EarlierGroups { get; init; } = [];

    /// <summary>The listeners' indexes by the address of their datagram sockets.</summary>
    public ImmutableArray<(FlowEndpoint Address, int Listener)> Labels { get; init; } = [];

    /// <summary>Our encrypted addresses, as the data of SVCB records (RFC 9462).</summary>
    public Func<IReadOnlyList<byte[]>>? Designated { get; init; }

    /// <summary>The response cache, which outlives plans.</summary>
    public required ResponseCache Cache { get; init; }

    /// <summary>The clock that schedules go by.</summary>
    public required MonotonicClock Clock { get; init; }

    /// <summary>The hardware addresses of clients; null = none are known.</summary>
    public NeighbourTable? Neighbours { get; init; }

    /// <summary>Where decisions are noted; null = nowhere.</summary>
    public QueryLogQueue? Log { get; init; }

    /// <summary>The zones of the plan before, if there is one: unchanged files are not read again.</summary>
    public ZoneStore? PreviousZones { get; init; }

    /// <summary>Makes who gives the verdict on new flows by the rules of the plan.</summary>
    public required Func<FlowRuleSet, IFlowHandler> FlowHandler { get; init; }
}
