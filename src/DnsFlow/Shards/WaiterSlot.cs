using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Shards;

/// <summary>One query in flight: who asked, how its response must look, and where it goes. A question in flight has one or more of them.</summary>
internal struct WaiterSlot
{
    /// <summary>The <see cref="Flow"/> of a place that only keeps its question: everybody has an answer, or nobody asked, and the cache alone waits.</summary>
    public const int Nobody = -2;

    /// <summary>The next waiter of the same question, or -1.</summary>
    public int Next;

    /// <summary>The flow's slot in the flow table; -1 = a stream flow, whose request stands beside the slot; <see cref="Nobody"/> = none.</summary>
    public int Flow;

    /// <summary>The flow's id, which tells whether the slot still holds that flow.</summary>
    public long FlowId;

    /// <summary>The shard's listener socket the response leaves by.</summary>
    public int Socket;

    /// <summary>The listener in the plan, for the counters.</summary>
    public int Listener;

    /// <summary>The client in the client table.</summary>
    public int Client;

    /// <summary>When the query came, in microseconds.</summary>
    public long ReceivedAt;

    /// <summary>The most octets the response may have.</summary>
    public int MaxSize;

    /// <summary>The client's message ID.</summary>
    public ushort Id;

    /// <summary>The query's header flags.</summary>
    public ushort Flags;

    /// <summary>The length of the question behind the slot.</summary>
    public ushort QuestionLength;

    /// <summary>Whether the query had an OPT record.</summary>
    public bool HasEdns;

    /// <summary>The partition of the network that the response names; 0 = none.</summary>
    public uint EchoedSubnet;

    /// <summary>The query's DNS cookie.</summary>
    public QueryCookie Cookie;

    /// <summary>DO.</summary>
    public bool DnssecOk;

    /// <summary>The client's endpoint and the address it asked.</summary>
    public FlowKey Key;

    /// <summary>Takes over what of the query shapes the response.</summary>
    public void Describe(in QueryView query, int maxSize)
    {
        Id = query.Header.Id;
        Flags = query.Header.Flags;
        HasEdns = query.HasEdns;
        DnssecOk = query.DnssecOk;
        MaxSize = maxSize;
    }
}
