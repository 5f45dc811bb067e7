using DnsFlow.Protocol;
using DnsFlow.Telemetry;

namespace DnsFlow.Queries;

/// <summary>
/// The first step: answers what is malformed or not for a forwarder. FORMERR, NOTIMP, BADVERS (RFC 6891), REFUSED for zone transfers
/// and meta types; silence for responses and for less than a header. Allocates nothing.
/// </summary>
internal sealed class ValidationStep(ServerCookies? cookies = null) : IQueryStep
{
    /// <inheritdoc/>
    public string Name => "validation";

    /// <inheritdoc/>
    public StepResult Invoke(ref QueryContext context) => context.Status switch
    {
        QueryStatus.Ok when cookies is not null && context.Query.OptionsLength > 0 && IsCookieMalformed(ref context)
            => context.AnswerEmpty(ResponseCode.FormErr, QueryOutcome.Invalid),     // RFC 7873 section 5.2.2
        QueryStatus.Ok => CheckQuestion(ref context),
        QueryStatus.FormatError => context.AnswerEmpty(ResponseCode.FormErr, QueryOutcome.Invalid),
        QueryStatus.NotImplemented => context.AnswerEmpty(ResponseCode.NotImp, QueryOutcome.Invalid),
        QueryStatus.BadVersion => context.AnswerEmpty(ResponseCode.BadVers, QueryOutcome.Invalid),
        _ => context.Dropped(QueryOutcome.Invalid),
    };

    private bool IsCookieMalformed(ref QueryContext context)
    {
        context.Cookie = cookies!.Read(context.Message, context.Query, context.Flow.Key.Local);
        return context.Cookie.State == CookieState.Malformed;
    }

    private static StepResult CheckQuestion(ref QueryContext context) => context.Query switch
    {
        // Zone transfers are not for a forwarder, on no transport (RFC 5936 section 5; CVE-2024-25581).
        { Type: RecordType.AXFR or RecordType.IXFR or RecordType.MAILA or RecordType.MAILB }
            => context.AnswerEmpty(ResponseCode.Refused, QueryOutcome.Invalid, ExtendedErrorCode.NotSupported),
        // Meta types that are never data and never a question of the QUERY opcode (RFC 6895 section 3.1).
        { Type: RecordType.None or RecordType.OPT or RecordType.TSIG or RecordType.TKEY }
            => context.AnswerEmpty(ResponseCode.FormErr, QueryOutcome.Invalid),
        { Class: not (RecordClass.IN or RecordClass.CH or RecordClass.HS or RecordClass.ANY) }
            => context.AnswerEmpty(ResponseCode.Refused, QueryOutcome.Invalid, ExtendedErrorCode.NotSupported),
        // ANY over UDP gets the minimal answer of RFC 8482 section 4.1, so that it is worth nothing to an amplifier.
        { Type: RecordType.ANY } when context.IsDatagram => AnswerAny(ref context),
        _ => StepResult.Continue,
    };

    private static StepResult AnswerAny(ref QueryContext context)
    {
        context.ResponseLength = MinimalAny.Write(context.Message, context.Query, context.Response);
        return context.Answered(ResponseCode.NoError, QueryOutcome.Local);
    }
}
