using DnsFlow.Flows;

namespace DnsFlow.Upstreams;

/// <summary>One query of a stream flow that the engine decided to forward, on its way to a shard.</summary>
internal sealed class ForwardRequest
{
    /// <summary>The query as the client sent it.</summary>
    public required byte[] Message { get; init; }

    /// <summary>The flow it came by.</summary>
    public required FlowFacts Flow { get; init; }

    /// <summary>Who is asked.</summary>
    public required UpstreamGroup Group { get; init; }

    /// <summary>The partition of the network it is asked for; 0 = the group's own.</summary>
    public uint Partition { get; init; }

    /// <summary>The partition of the network that the response names; 0 = none.</summary>
    public uint EchoedSubnet { get; init; }

    /// <summary>Whether the response cache stays out of it.</summary>
    public bool BypassCache { get; init; }

    /// <summary>Whether nobody waits for it: a cached response is asked for again, for the cache alone.</summary>
    public bool IsRefresh { get; init; }

    /// <summary>Whether the answer rules see the response; false for questions of our own.</summary>
    public bool WantsReview { get; init; }

    /// <summary>When it came, in microseconds of the monotonic clock.</summary>
    public required long ReceivedAt { get; init; }

    /// <summary>Who gets the response, exactly once.</summary>
    public required IForwardReceiver Receiver { get; init; }
}
