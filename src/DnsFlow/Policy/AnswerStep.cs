using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>
/// What the answer rules say about a response that came from an upstream, fresh or cached, before it goes to one client. It stands complete in the context.
/// Returns <see cref="StepResult.Answered"/> when it may go, as it was or as a rule made it. Allocates nothing unless a rule takes the query on a detour.
/// </summary>
internal sealed class AnswerStep(RuleSet rules) : IQueryStep
{
    /// <inheritdoc/>
    public string Name => "answers";

    /// <summary>The rules in force.</summary>
    public RuleSet Rules { get; } = rules;

    /// <inheritdoc/>
    public StepResult Invoke(ref QueryContext context)
    {
        var trace = context.Trace;
        var before = context.Decision;
        var schedules = trace is null ? Rules.Schedules.Active(context.Now) : Rules.Schedules.ActiveAt(trace.At);
        var facts = new QueryFacts(in context, schedules, context.Response[..context.ResponseLength]) { Pauses = new(Rules.Paused, context.Now, trace) };
        var lists = default(ListLookup);
        var cursor = Rules.Begin(facts, stackalloc int[RuleSet.RoomSize], ref lists);
        while (Rules.Next(facts, ref cursor, trace?.Answers) is { } rule)
        {
            rule.Count(trace);
            context.Decision = new Decision(Name, rule.Index, ExtendedErrorCode.None);
            context.ListMatch = lists.Match;
            var result = rule.Action.Invoke(ref context);
            if (result != StepResult.Continue || rule.Action.IsFinal)
            {
                if (trace is not null)
                {
                    trace.AnswerRule = rule.Index;
                }

                return result == StepResult.Continue ? StepResult.Answered : result;
            }

            context.Decision = before;
            trace?.Answers?.Pass(rule.Index);
        }

        return StepResult.Answered;
    }
}
