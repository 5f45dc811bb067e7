using DnsFlow.Limits;

namespace DnsFlow.Server.Plans;

/// <summary>Divides the proxy's bounds among its shards, so that all of them together stay inside.</summary>
internal static class ShardLimits
{
    /// <summary>One shard's share. Bounds of one flow and one client are not divided: a flow is on one shard.</summary>
    public static LimitOptions Share(LimitOptions limits, int shards) => new()
    {
        Memory = limits.Memory / shards,
        Flows = Math.Max(16, limits.Flows / shards),
        StreamFlows = limits.StreamFlows,
        UdpIdle = limits.UdpIdle,
        TcpIdle = limits.TcpIdle,
        InFlight = Math.Max(16, limits.InFlight / shards),
        InFlightPerGroup = limits.InFlightPerGroup,
        PerFlow = limits.PerFlow,
        PerClient = limits.PerClient,
    };
}
