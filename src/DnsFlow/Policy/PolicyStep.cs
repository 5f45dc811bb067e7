using DnsFlow.Names;
using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>The step that asks the query rules and does what the matching ones say. Allocates nothing.</summary>
public sealed class PolicyStep(RuleSet rules) : IQueryStep
{
    /// <inheritdoc/>
    public string Name => "policy";

    /// <summary>The rules in force.</summary>
    public RuleSet Rules { get; } = rules;

    /// <inheritdoc/>
    public StepResult Invoke(ref QueryContext context)
    {
        var facts = new QueryFacts(in context, Rules.Schedules.Active(context.Now));
        var lists = default(ListLookup);
        var cursor = Rules.Begin(facts, stackalloc int[RuleSet.RoomSize], ref lists);
        while (Rules.Next(facts, ref cursor, trace: null) is { } rule)
        {
            rule.Counter.Increment();
            context.Decision = new Decision(Name, rule.Index, ExtendedErrorCode.None);
            context.ListMatch = lists.Match;
            var result = rule.Action.Invoke(ref context);
            if (result != StepResult.Continue || rule.Action.IsFinal)
            {
                return result;
            }
        }

        return StepResult.Continue;
    }
}
