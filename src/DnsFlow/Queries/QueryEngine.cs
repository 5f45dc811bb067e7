using System.Collections.Immutable;
using DnsFlow.Telemetry;

namespace DnsFlow.Queries;

/// <summary>
/// Decides one query at a time by a fixed list of synchronous steps, read from top to bottom. Both planes use the same engine.
/// Thread safe as long as its steps are; immutable.
/// </summary>
public sealed class QueryEngine(params ImmutableArray<IQueryStep> steps)
{
    /// <summary>The name of the step that asks the rules.</summary>
    internal const string PolicyStep = "policy";

    private readonly int _behindPolicy = steps.TakeWhile(static step => step.Name != PolicyStep).Count() is var index && index < steps.Length ? index + 1 : 0;

    // A call by the interface from one place to many steps is looked up each time; by a delegate it is a jump.
    private readonly Invoker[] _invokers = [.. steps.Select(static step => new Invoker(step.Invoke))];

    private delegate StepResult Invoker(ref QueryContext context);

    /// <summary>The steps in their order.</summary>
    public ImmutableArray<IQueryStep> Steps { get; } = steps;

    /// <summary>The step that sees responses of upstreams on their way back, those out of the cache in here; null = nobody wants to.</summary>
    internal IQueryStep? Review { get; init; }

    /// <summary>Who takes note of decisions; null = nobody.</summary>
    internal IQueryLog? Log { get; init; }

    /// <summary>
    /// Runs the steps until one is final. <see cref="StepResult.Continue"/> never comes back: a query nobody decided is forwarded when a
    /// group was chosen, else refused.
    /// </summary>
    public StepResult Decide(ref QueryContext context)
    {
        var result = Run(ref context, 0, Review);
        if (Log is not null && context.Trace is null)
        {
            Log.Note(context, result);
        }

        return context.DelayMilliseconds == 0 ? result : HoldBack(ref context, result);
    }

    /// <summary>The same for a question of our own whose group is chosen already: the rules are not asked.</summary>
    internal StepResult DecideBehindPolicy(ref QueryContext context) => Run(ref context, _behindPolicy, review: null);

    private StepResult Run(ref QueryContext context, int first, IQueryStep? review)
    {
        foreach (var invoke in _invokers.AsSpan(first))
        {
            var result = invoke(ref context);
            if (result != StepResult.Continue)
            {
                context.IsReviewed = review is not null && result == StepResult.Answered && context.Outcome is QueryOutcome.Cached or QueryOutcome.Stale;
                return context.IsReviewed ? review!.Invoke(ref context) : result;
            }
        }

        return context.Target.Group >= 0
            ? StepResult.Forward
            : context.AnswerEmpty(Protocol.ResponseCode.Refused, QueryOutcome.Refused);
    }

    private static StepResult HoldBack(ref QueryContext context, StepResult result)
    {
        if (result == StepResult.Dropped)
        {
            return result;
        }

        DetourResponse? answer = result == StepResult.Answered
            ? new(context.Response[..context.ResponseLength].ToArray(), context.Outcome, context.ResponseCode)
            : null;
        context.Detour = new DelayDetour(TimeSpan.FromMilliseconds(context.DelayMilliseconds), answer, result == StepResult.Detour ? context.Detour : null);
        return StepResult.Detour;
    }
}
