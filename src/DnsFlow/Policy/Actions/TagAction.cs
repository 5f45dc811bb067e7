using DnsFlow.Queries;

namespace DnsFlow.Policy.Actions;

/// <summary>Lets later rules go on; that the query has the tags is seen to by the walk over the rules.</summary>
internal sealed class TagAction(ulong tags) : IQueryAction
{
    /// <summary>The tags, one bit each.</summary>
    public ulong Tags { get; } = tags;

    public bool IsFinal => false;

    public StepResult Invoke(ref QueryContext context) => StepResult.Continue;
}
