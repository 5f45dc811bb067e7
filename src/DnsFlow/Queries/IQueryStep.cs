namespace DnsFlow.Queries;

/// <summary>One synchronous step of the engine. It must not block, and on the paths named in its documentation it allocates nothing.</summary>
public interface IQueryStep
{
    /// <summary>The step's name, as <c>explain</c> shows it.</summary>
    string Name { get; }

    /// <summary>Answers, drops, forwards, or passes the query on.</summary>
    StepResult Invoke(ref QueryContext context);
}
