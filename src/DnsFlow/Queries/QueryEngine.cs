using System.Collections.Immutable;

namespace DnsFlow.Queries;

/// <summary>
/// Decides one query at a time by a fixed list of synchronous steps, read from top to bottom. Both planes use the same engine.
/// Thread safe as long as its steps are; immutable.
/// </summary>
public sealed class QueryEngine(params ImmutableArray<IQueryStep> steps)
{
    // A call by the interface from one place to many steps is looked up each time; by a delegate it is a jump.
    private readonly Invoker[] _invokers = [.. steps.Select(static step => new Invoker(step.Invoke))];

    private delegate StepResult Invoker(ref QueryContext context);

    /// <summary>The steps in their order.</summary>
    public ImmutableArray<IQueryStep> Steps { get; } = steps;

    /// <summary>
    /// Runs the steps until one is final. <see cref="StepResult.Continue"/> never comes back: a query nobody decided is forwarded when a
    /// group was chosen, else refused.
    /// </summary>
    public StepResult Decide(ref QueryContext context)
    {
        foreach (var invoke in _invokers)
        {
            var result = invoke(ref context);
            if (result != StepResult.Continue)
            {
                return result;
            }
        }

        return context.Target.Group >= 0
            ? StepResult.Forward
            : context.AnswerEmpty(Protocol.ResponseCode.Refused, Telemetry.QueryOutcome.Refused);
    }
}
