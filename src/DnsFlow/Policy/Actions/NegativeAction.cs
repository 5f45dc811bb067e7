using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>Answers that the name, or the type, does not exist.</summary>
internal sealed class NegativeAction(NegativeResponse response, ResponseCode code, QueryOutcome outcome, ExtendedErrorCode error) : IQueryAction
{
    public StepResult Invoke(ref QueryContext context) => response.Write(ref context, code, outcome, error);
}
