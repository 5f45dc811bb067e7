using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>The step that asks the query rules and does what the matching one says. Allocates nothing.</summary>
public sealed class PolicyStep(RuleSet rules) : IQueryStep
{
    /// <inheritdoc/>
    public string Name => "policy";

    /// <summary>The rules in force.</summary>
    public RuleSet Rules { get; } = rules;

    /// <inheritdoc/>
    public StepResult Invoke(ref QueryContext context)
    {
        var rule = Rules.Decide(new QueryFacts(in context));
        rule.Counter.Increment();
        context.Decision = new Decision(Name, rule.Index, ExtendedErrorCode.None);
        return rule.Action.Invoke(ref context);
    }
}
