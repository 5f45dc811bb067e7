using System.Buffers.Binary;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>Writes what an entry of a list wants to be answered. Immutable; allocates nothing but for what an alias leads to.</summary>
/// <param name="negative">How negative answers are written.</param>
/// <param name="ttl">The TTL of records, in seconds.</param>
/// <param name="error">The extended error.</param>
internal sealed class ListAnswerWriter(NegativeResponse negative, uint ttl, ExtendedErrorCode error)
{
    private const int FixedRecordSize = 12;     // the owner as a pointer, TYPE, CLASS, TTL, RDLENGTH

    /// <summary>Answers or drops.</summary>
    public StepResult Write(ref QueryContext context, ListAnswer answer) => answer.Kind switch
    {
        ListAnswerKind.Records => WriteRecords(ref context, answer),
        ListAnswerKind.NoData => negative.Write(ref context, ResponseCode.NoError, QueryOutcome.Blocked, error),
        ListAnswerKind.Refused => WriteEmpty(ref context, ResponseCode.Refused, truncated: false),
        ListAnswerKind.Truncate => WriteEmpty(ref context, ResponseCode.NoError, truncated: true),
        ListAnswerKind.Drop => context.Dropped(QueryOutcome.Dropped),
        _ => negative.Write(ref context, ResponseCode.NXDomain, QueryOutcome.Blocked, error),
    };

    /// <summary>
    /// Sends a query on the detour that an entry's CNAME record is, when what it leads to belongs to the answer: not when the record itself was asked for, or nobody wants
    /// recursion, or the query has been on a detour.
    /// </summary>
    public bool TryLead(ref QueryContext context, ListAnswer answer)
    {
        ref readonly var view = ref context.Query;
        if (answer is not { Kind: ListAnswerKind.Records, Records: [{ Type: RecordType.CNAME } alias] } || context.IsDetoured || context.KeepsAlias
            || view.Class != RecordClass.IN || view.Type is RecordType.CNAME or RecordType.ANY || !view.Header.RecursionDesired)
        {
            return false;
        }

        byte[] target = [.. alias.IsBelowTarget ? context.Name[..^1] : default, .. alias.Rdata.Span];
        if (target.Length > WireName.MaxLength || WireName.EqualsIgnoreCase(target, context.Name) || !DomainName.TryFromWire(target, out var name))
        {
            return false;
        }

        context.Decision = context.Decision with { Error = error };
        context.Detour = new ListAliasDetour(name, ttl, error);
        return true;
    }

    private StepResult WriteEmpty(ref QueryContext context, ResponseCode code, bool truncated)
    {
        context.Decision = context.Decision with { Error = error };
        return context.AnswerEmpty(code, QueryOutcome.Blocked, error, truncated);
    }

    private StepResult WriteRecords(ref QueryContext context, ListAnswer answer)
    {
        ref readonly var view = ref context.Query;
        if (view.Class is not (RecordClass.IN or RecordClass.ANY))
        {
            return context.AnswerEmpty(ResponseCode.Refused, QueryOutcome.Refused, ExtendedErrorCode.NotSupported);
        }

        var response = context.Response;
        var limit = context.MaxResponseSize - (view.HasEdns ? DnsResponses.OptSize + (error == ExtendedErrorCode.None ? 0 : 6) : 0);
        var position = view.QuestionEnd;
        var count = 0;
        foreach (var record in answer.Records)
        {
            if (!ListAnswer.Answers(record, view.Type))
            {
                continue;
            }

            position = WriteRecord(record, context.Name, response[..limit], position);
            if (position < 0)
            {
                return WriteEmpty(ref context, ResponseCode.NoError, truncated: true);
            }

            count++;
        }

        return count == 0
            ? negative.Write(ref context, ResponseCode.NoError, QueryOutcome.Blocked, error)
            : Finish(ref context, position, count);
    }

    private StepResult Finish(ref QueryContext context, int length, int count)
    {
        ref readonly var view = ref context.Query;
        new DnsHeader(view.Header.Id, DnsResponses.ResponseFlags(view.Header.Flags, ResponseCode.NoError), 1, (ushort)count, 0, 0).Write(context.Response);
        view.Question(context.Message).CopyTo(context.Response[DnsHeader.Size..]);
        context.Decision = context.Decision with { Error = error };
        context.ResponseLength = DnsResponses.AppendOpt(view, ResponseCode.NoError, context.Response, length, error);
        return context.Answered(ResponseCode.NoError, QueryOutcome.Blocked);
    }

    /// <summary>Writes one record; returns the offset behind it, or -1 when it does not fit, or its target would be no name any more.</summary>
    private int WriteRecord(ListRecord record, ReadOnlySpan<byte> name, Span<byte> response, int position)
    {
        var rdata = record.Rdata.Span;
        var before = record.IsBelowTarget ? name[..^1] : default;
        var length = before.Length + rdata.Length;
        if (position + FixedRecordSize + length > response.Length || (record.IsBelowTarget && length > WireName.MaxLength))
        {
            return -1;
        }

        var place = response[position..];
        BinaryPrimitives.WriteUInt16BigEndian(place, 0xC000 | DnsHeader.Size);
        BinaryPrimitives.WriteUInt16BigEndian(place[2..], (ushort)record.Type);
        BinaryPrimitives.WriteUInt16BigEndian(place[4..], (ushort)RecordClass.IN);
        BinaryPrimitives.WriteUInt32BigEndian(place[6..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(place[10..], (ushort)length);
        before.CopyTo(place[FixedRecordSize..]);
        rdata.CopyTo(place[(FixedRecordSize + before.Length)..]);
        return position + FixedRecordSize + length;
    }
}
