using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>Answers with records that were encoded when the rules were built, or that there are none of the type.</summary>
internal sealed class RecordsAction(
    RecordSets records, NegativeResponse negative, QueryOutcome outcome, ExtendedErrorCode error, bool authoritative) : IQueryAction
{
    public StepResult Invoke(ref QueryContext context)
    {
        ref readonly var view = ref context.Query;
        if (view.Class is not (RecordClass.IN or RecordClass.ANY))
        {
            return context.AnswerEmpty(ResponseCode.Refused, QueryOutcome.Refused, ExtendedErrorCode.NotSupported);
        }

        var set = records.Find(view.Type);
        return set is null
            ? negative.Write(ref context, ResponseCode.NoError, outcome, error, authoritative)
            : Write(ref context, set);
    }

    private StepResult Write(ref QueryContext context, RecordSet set)
    {
        ref readonly var view = ref context.Query;
        context.Decision = context.Decision with { Error = error };
        var opt = view.HasEdns ? DnsResponses.OptSize + (error == ExtendedErrorCode.None ? 0 : 6) : 0;
        if (view.QuestionEnd + set.Records.Length + opt > context.MaxResponseSize)
        {
            return context.AnswerEmpty(ResponseCode.NoError, outcome, error, truncated: true);
        }

        var response = context.Response;
        var flags = DnsResponses.ResponseFlags(view.Header.Flags, ResponseCode.NoError) | (authoritative ? DnsHeader.AuthoritativeBit : 0);
        new DnsHeader(view.Header.Id, (ushort)flags, 1, set.Count, 0, 0).Write(response);
        view.Question(context.Message).CopyTo(response[DnsHeader.Size..]);
        set.Records.CopyTo(response[view.QuestionEnd..]);
        context.ResponseLength = DnsResponses.AppendOpt(view, ResponseCode.NoError, response, view.QuestionEnd + set.Records.Length, error);
        return context.Answered(ResponseCode.NoError, outcome);
    }
}
