namespace DnsFlow.Queries;

/// <summary>
/// What becomes of a query that one question to its group does not answer: it leaves its plane, may wait and ask other questions, and comes back with a
/// response. Immutable, thread safe; runs on the service plane.
/// </summary>
internal abstract class QueryDetour
{
    /// <summary>What it does, for <c>explain</c>: <c>rewritten to www.example.org.</c></summary>
    public abstract string Description { get; }

    /// <summary>What of it another question about the same name has to go through as well; null = nothing, it may be asked straight.</summary>
    public virtual QueryDetour? Way => this;

    /// <summary>Works the response out. What it throws costs this query only.</summary>
    public abstract ValueTask<DetourResponse> RunAsync(IDetourQuery query);
}
