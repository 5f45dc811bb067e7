using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Zones.Transfer;

/// <summary>
/// Hears primaries call (NOTIFY, RFC 1996): comes first, as validation answers every other opcode but QUERY with NOTIMP. A call counts when it comes from a
/// primary's address or is signed with the zone's key; it only makes the zone's task ask soon.
/// </summary>
internal sealed class NotifyStep(ZoneTransfers transfers, TimeProvider time) : IQueryStep
{
    /// <inheritdoc/>
    public string Name => "notify";

    /// <inheritdoc/>
    public StepResult Invoke(ref QueryContext context) =>
        context.Status == QueryStatus.NotImplemented && transfers.Zones.Count > 0 && context.Query.Header.OpCode == OpCode.Notify
            ? Hear(ref context)
            : StepResult.Continue;

    private StepResult Hear(ref QueryContext context)
    {
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        var message = context.Message;
        var length = WireName.Measure(message, DnsHeader.Size);
        if (context.Query.Header.QuestionCount != 1 || length < 0 || DnsHeader.Size + length + 4 > message.Length
            || message.Slice(DnsHeader.Size + length, 4) is not [0, (byte)RecordType.SOA, 0, (byte)RecordClass.IN]
            || !TsigRecord.TryFind(message, out var signature))
        {
            return Answer(ref context, default, ResponseCode.FormErr, null);
        }

        var question = message.Slice(DnsHeader.Size, length + 4);
        WireName.ToLower(question[..length], name);
        if (transfers.Find(name[..length]) is not { } zone)
        {
            return Answer(ref context, question, ResponseCode.NotAuth, null);
        }

        if (signature is null)
        {
            return Judge(ref context, question, zone, zone.Settings.IsPrimary(context.Flow.Client) ? ResponseCode.NoError : ResponseCode.Refused, null);
        }

        using var session = zone.Settings.Key is { } key ? new TsigSession(key, time) : null;
        return session?.Check(message) is null && session is not null
            ? Judge(ref context, question, zone, ResponseCode.NoError, session)
            : Answer(ref context, question, ResponseCode.NotAuth, null);
    }

    private static StepResult Judge(ref QueryContext context, ReadOnlySpan<byte> question, SecondaryZone zone, ResponseCode code, TsigSession? session)
    {
        if (code == ResponseCode.NoError)
        {
            zone.Call();
        }

        return Answer(ref context, question, code, session);
    }

    private static StepResult Answer(ref QueryContext context, ReadOnlySpan<byte> question, ResponseCode code, TsigSession? session)
    {
        var header = context.Query.Header;
        context.ResponseLength = DnsResponses.WriteEmpty(
            header.Id, header.Flags, question, hasEdns: false, dnssecOk: false, code, context.Response, authoritative: code == ResponseCode.NoError);
        if (session is not null)
        {
            var signed = session.SignResponse(context.Response[..context.ResponseLength]);
            if (signed.Length <= context.MaxResponseSize)
            {
                signed.CopyTo(context.Response);
                context.ResponseLength = signed.Length;
            }
        }

        return context.Answered(code, code == ResponseCode.NoError ? QueryOutcome.Local : QueryOutcome.Invalid);
    }
}
