namespace DnsFlow.Queries;

/// <summary>Takes note of what the engine decided. Called on the thread that decides: it must neither wait nor allocate.</summary>
internal interface IQueryLog
{
    /// <summary>Notes a decision; not called for rehearsals.</summary>
    void Note(in QueryContext context, StepResult result);
}
