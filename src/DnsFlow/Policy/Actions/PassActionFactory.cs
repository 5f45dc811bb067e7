using DnsFlow.Queries;
using DnsFlow.Settings;

namespace DnsFlow.Policy.Actions;

/// <summary><c>pass</c>: the answer goes to the client as it is; later answer rules are not tried.</summary>
internal sealed class PassActionFactory : IQueryActionFactory
{
    public string Name => "pass";

    public RuleStages Stages => RuleStages.Answer;

    public SettingsShape Shape { get; } = new SettingsShape<object>("Gives the answer as it is; later answer rules are not tried.");

    public IQueryAction Create(QueryActionContext context) => new PassAction();

    private sealed class PassAction : IQueryAction
    {
        public StepResult Invoke(ref QueryContext context) => StepResult.Answered;
    }
}
