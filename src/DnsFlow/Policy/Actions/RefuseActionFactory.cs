using DnsFlow.Protocol;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary><c>refuse</c>: REFUSED, with the extended error Prohibited (RFC 8914 section 4.19).</summary>
internal sealed class RefuseActionFactory : IQueryActionFactory
{
    public string Name => "refuse";

    public RuleStages Stages => RuleStages.Query | RuleStages.Answer;

    public SettingsShape Shape { get; } = new SettingsShape<object>("Answers REFUSED.");

    public IQueryAction Create(QueryActionContext context) => new EmptyAction(
        ResponseCode.Refused, QueryOutcome.Refused, context.Blocking.ExtendedErrors ? ExtendedErrorCode.Prohibited : ExtendedErrorCode.None, truncated: false);
}
