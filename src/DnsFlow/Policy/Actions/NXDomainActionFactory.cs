using DnsFlow.Protocol;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary><c>nxdomain</c>: the name does not exist.</summary>
internal sealed class NXDomainActionFactory : IQueryActionFactory
{
    public string Name => "nxdomain";

    public RuleStages Stages => RuleStages.Query | RuleStages.Answer;

    public SettingsShape Shape => TtlSettings.Shape;

    public IQueryAction? Create(QueryActionContext context) => TtlSettings.TryRead(context, out var response)
        ? new NegativeAction(response, ResponseCode.NXDomain, QueryOutcome.Refused, context.Blocking.ExtendedErrors ? ExtendedErrorCode.Filtered : ExtendedErrorCode.None)
        : null;
}
