using DnsFlow.Protocol;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary><c>nodata</c>: the name exists, but has nothing of the type.</summary>
internal sealed class NoDataActionFactory : IQueryActionFactory
{
    public string Name => "nodata";

    public RuleStages Stages => RuleStages.Query | RuleStages.Answer;

    public SettingsShape Shape => TtlSettings.Shape;

    public IQueryAction? Create(QueryActionContext context) => TtlSettings.TryRead(context, out var response)
        ? new NegativeAction(response, ResponseCode.NoError, QueryOutcome.Refused, context.Blocking.ExtendedErrors ? ExtendedErrorCode.Filtered : ExtendedErrorCode.None)
        : null;
}
