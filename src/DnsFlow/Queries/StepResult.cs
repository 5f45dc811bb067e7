namespace DnsFlow.Queries;

/// <summary>What a step of the engine did with a query.</summary>
public enum StepResult
{
    /// <summary>Nothing final: the next step is asked.</summary>
    Continue,

    /// <summary>The response is complete in the context's buffer.</summary>
    Answered,

    /// <summary>The query is not answered; the outcome says why it is counted.</summary>
    Dropped,

    /// <summary>The query goes to the upstream group named in the context.</summary>
    Forward,

    /// <summary>The query leaves its plane for a detour that a rule set in the context, and is answered later.</summary>
    Detour,
}
