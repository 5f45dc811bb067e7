using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>Everything that rules look at. Rules on flows see the flow and the schedules; the rest is empty for them.</summary>
public readonly ref struct QueryFacts
{
    /// <summary>Takes the facts of a query on its way.</summary>
    public QueryFacts(scoped ref readonly QueryContext context, ulong schedules)
    {
        Name = context.Name;
        Type = context.Query.Type;
        Class = context.Query.Class;
        Flow = ref context.Flow;
        Schedules = schedules;
    }

    /// <summary>Takes the facts of a query and the response to it.</summary>
    internal QueryFacts(scoped ref readonly QueryContext context, ulong schedules, ReadOnlySpan<byte> response)
        : this(in context, schedules) => Response = response;

    /// <summary>Takes made-up facts; <paramref name="name"/> is in wire form and lower case.</summary>
    public QueryFacts(ReadOnlySpan<byte> name, RecordType type, ref readonly FlowFacts flow, ulong schedules = 0, RecordClass @class = RecordClass.IN)
    {
        Name = name;
        Type = type;
        Class = @class;
        Flow = ref flow;
        Schedules = schedules;
    }

    /// <summary>Takes the facts of a flow without a question.</summary>
    internal QueryFacts(ref readonly FlowFacts flow, ulong schedules)
    {
        Flow = ref flow;
        Schedules = schedules;
    }

    /// <summary>QNAME in wire form and lower case.</summary>
    public readonly ReadOnlySpan<byte> Name;

    /// <summary>QTYPE.</summary>
    public readonly RecordType Type;

    /// <summary>QCLASS.</summary>
    public readonly RecordClass Class;

    /// <summary>The flow.</summary>
    public readonly ref readonly FlowFacts Flow;

    /// <summary>The response, for answer rules; empty for all others.</summary>
    internal readonly ReadOnlySpan<byte> Response;

    /// <summary>What is paused.</summary>
    internal PauseFacts Pauses { get; init; }

    /// <summary>The schedules it is the time of, as <see cref="Clients.ScheduleClock"/> says.</summary>
    public readonly ulong Schedules;
}
