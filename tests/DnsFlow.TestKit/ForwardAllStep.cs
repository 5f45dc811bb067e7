using DnsFlow.Queries;

namespace DnsFlow.TestKit;

/// <summary>A policy for tests: everything goes to the first group.</summary>
internal sealed class ForwardAllStep : IQueryStep
{
    public string Name => "policy";

    public StepResult Invoke(ref QueryContext context)
    {
        context.Target = new ForwardTarget(0, 1);
        return StepResult.Continue;
    }
}
