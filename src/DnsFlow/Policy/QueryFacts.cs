using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>Everything that query rules look at.</summary>
public readonly ref struct QueryFacts
{
    /// <summary>Takes the facts of a query on its way.</summary>
    public QueryFacts(scoped ref readonly QueryContext context)
    {
        Name = context.Name;
        Type = context.Query.Type;
        Flow = ref context.Flow;
    }

    /// <summary>Takes made-up facts; <paramref name="name"/> is in wire form and lower case.</summary>
    public QueryFacts(ReadOnlySpan<byte> name, RecordType type, ref readonly FlowFacts flow)
    {
        Name = name;
        Type = type;
        Flow = ref flow;
    }

    /// <summary>QNAME in wire form and lower case.</summary>
    public readonly ReadOnlySpan<byte> Name;

    /// <summary>QTYPE.</summary>
    public readonly RecordType Type;

    /// <summary>The flow.</summary>
    public readonly ref readonly FlowFacts Flow;
}
