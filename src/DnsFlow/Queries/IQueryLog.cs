using DnsFlow.Flows;
using DnsFlow.Limits;

namespace DnsFlow.Queries;

/// <summary>Takes note of what becomes of queries. Called on the thread that decides: it must neither wait nor allocate.</summary>
internal interface IQueryLog
{
    /// <summary>Notes a decision; not called for rehearsals.</summary>
    void Note(in QueryContext context, StepResult result);

    /// <summary>Notes a query of a passed flow, about which nobody decides.</summary>
    void NotePassed(in QueryContext context);

    /// <summary>Notes that a client's query was turned away: before it was decided about, or (all reasons but <see cref="ShedReason.ClientRate"/>) after that.</summary>
    void NoteShed(ReadOnlySpan<byte> query, in FlowFacts flow, long now, ShedReason reason);
}
