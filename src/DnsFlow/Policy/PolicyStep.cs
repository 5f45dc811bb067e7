using System.Runtime.CompilerServices;
using DnsFlow.Policy.Actions;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>The step that asks the query rules and does what the matching ones say. Allocates nothing.</summary>
public sealed class PolicyStep(RuleSet rules) : IQueryStep
{
    /// <inheritdoc/>
    public string Name => QueryEngine.PolicyStep;

    /// <summary>The rules in force.</summary>
    public RuleSet Rules { get; } = rules;

    /// <inheritdoc/>
    [SkipLocalsInit]    // the room for the rules in question is written before it is read
    public StepResult Invoke(ref QueryContext context)
    {
        var trace = context.Trace;
        var schedules = trace is null ? Rules.Schedules.Active(context.Now) : Rules.Schedules.ActiveAt(trace.At);
        var facts = new QueryFacts(in context, schedules) { Pauses = new(Rules.Paused, context.Now, trace) };
        var own = default(ListLookup);
        ref var lists = ref context.Lists.IsEmpty ? ref own : ref context.Lists[0];
        var cursor = Rules.Begin(facts, stackalloc int[RuleSet.RoomSize], ref lists);
        while (Rules.Next(facts, ref cursor, trace?.Rules) is { } rule)
        {
            rule.Count(trace);
            context.Decision = new Decision(Name, rule.Index, ExtendedErrorCode.None);
            context.ListMatch = lists.Match;
            var result = rule.Action.Invoke(ref context);
            if (result != StepResult.Continue || rule.Action.IsFinal)
            {
                if (trace is not null)
                {
                    trace.Rule = rule.Index;
                }

                return result == StepResult.Detour && context.Target.Group < 0 ? Lead(ref context, rule, NextForward(facts, ref cursor))
                    : result == StepResult.Continue && context.Detour is not null ? StepResult.Detour
                    : result;
            }

            trace?.Rules?.Pass(rule.Index);
        }

        return StepResult.Continue;
    }

    /// <summary>An entry of a list leads to another name: who is asked for it the first rule behind says that matches and forwards. Without one the CNAME record is the answer.</summary>
    private static StepResult Lead(ref QueryContext context, QueryRule rule, QueryRule? forward)
    {
        if (forward is not null)
        {
            forward.Action.Invoke(ref context);
            return StepResult.Detour;
        }

        (context.Detour, context.KeepsAlias) = (null, true);
        return rule.Action.Invoke(ref context);
    }

    private QueryRule? NextForward(in QueryFacts facts, ref RuleCursor cursor)
    {
        while (Rules.Next(facts, ref cursor, null) is { } rule)
        {
            if (rule.ActionName == ForwardActionFactory.ActionName)
            {
                return rule;
            }
        }

        return null;
    }
}
