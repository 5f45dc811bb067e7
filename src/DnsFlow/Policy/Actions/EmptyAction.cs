using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>Answers without any record: refused, or truncated so that the client comes again over TCP.</summary>
internal sealed class EmptyAction(ResponseCode code, QueryOutcome outcome, ExtendedErrorCode error, bool truncated) : IQueryAction
{
    public StepResult Invoke(ref QueryContext context)
    {
        context.Decision = context.Decision with { Error = error };
        return context.AnswerEmpty(code, outcome, error, truncated);
    }
}
