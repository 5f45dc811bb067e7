using System.Net;
using DnsFlow.Flows;
using DnsFlow.Transports;
using DnsFlow.Upstreams;
using DnsFlow.Upstreams.Lanes;

namespace DnsFlow.Shards;

/// <summary>What other threads hand to a shard.</summary>
internal abstract record ShardWork
{
    /// <summary>The service plane is done with a question.</summary>
    public sealed record TransactionDone(long Token, UpstreamResult Result) : ShardWork;

    /// <summary>Replies came on a lane.</summary>
    public sealed record LaneReplies(StreamLane Lane, LaneBatch Batch) : ShardWork;

    /// <summary>A lane is closed.</summary>
    public sealed record LaneClosed(StreamLane Lane, UpstreamError Error) : ShardWork;

    /// <summary>The network is another one; what leaves from an address of which it says so is dead.</summary>
    public sealed record NetworkChanged(Func<IPAddress, bool> IsGone) : ShardWork;

    /// <summary>A query of a stream flow is to be forwarded.</summary>
    public sealed record StreamQuery(ForwardRequest Request) : ShardWork;

    /// <summary>A datagram query is back from its detour.</summary>
    public sealed record Held(int Waiter, ForwardedResponse Response) : ShardWork;

    /// <summary>A provider has decided about a parked flow.</summary>
    public sealed record Verdict(int Flow, long FlowId, FlowVerdict Value) : ShardWork;

    /// <summary>A provider that copies by itself writes to its flow.</summary>
    public sealed record FlowWrite(int Flow, long FlowId, byte[] Datagram) : ShardWork;

    /// <summary>A bound socket is listened on from now on.</summary>
    public sealed record Listen(IDatagramSocket Socket, int Listener) : ShardWork;

    /// <summary>An address is listened on no more; told when its last query has its response and the socket is closed.</summary>
    public sealed record Unlisten(FlowEndpoint Address, Action OnClosed) : ShardWork;

    /// <summary>Wants to know when the shard works with the plan that is in force now, or a later one, alone.</summary>
    public sealed record TurnOver(Action OnDone) : ShardWork;

    /// <summary>Something is to be done between rounds.</summary>
    public sealed record Task(IShardTask Value) : ShardWork;

    /// <summary>A provider that copies by itself has closed its flow.</summary>
    public sealed record FlowEnd(int Flow, long FlowId, FlowCloseReason Reason) : ShardWork;
}
