using DnsFlow.Queries;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary><c>drop</c>: no answer at all, counted.</summary>
internal sealed class DropActionFactory : IQueryActionFactory
{
    public string Name => "drop";

    public RuleStages Stages => RuleStages.Query | RuleStages.Answer;

    public SettingsShape Shape { get; } = new SettingsShape<object>("Does not answer.");

    public IQueryAction Create(QueryActionContext context) => new DropAction();

    private sealed class DropAction : IQueryAction
    {
        public StepResult Invoke(ref QueryContext context) => context.Dropped(QueryOutcome.Dropped);
    }
}
