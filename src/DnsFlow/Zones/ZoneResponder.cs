using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Zones;

/// <summary>
/// Answers a query from the zones (RFC 1034 section 4.3.2), following aliases as long as they stay in our zones. When an alias leads out,
/// the response is what is known: the CNAME records, RCODE NOERROR, as an authoritative server gives them. A name under a delegation is not
/// ours: a referral is of no use to a stub, so the query passes on and is forwarded. Allocates nothing.
/// </summary>
internal static class ZoneResponder
{
    /// <summary>How many aliases one response follows; a loop of them ends here.</summary>
    public const int MaxAliases = 16;

    /// <summary>Answers, or passes the query on when its name is not ours.</summary>
    public static StepResult Respond(ref QueryContext context, ZoneStore store, string step)
    {
        var type = context.Query.Type;
        var match = store.Find(context.Name, type);
        if (match.Kind == ZoneMatchKind.NotOurs)
        {
            return StepResult.Continue;
        }

        var answer = new ZoneAnswer(ref context);
        var code = Write(ref answer, store, match, context.Name, type);
        context.ResponseLength = answer.Complete(context, code);
        context.Decision = new Decision(step, -1, ExtendedErrorCode.None);
        return context.Answered(code, QueryOutcome.Local);
    }

    private static ResponseCode Write(
        ref ZoneAnswer answer, ZoneStore store, ZoneMatch match, ReadOnlySpan<byte> name, RecordType type)
    {
        // Two names are alive at a time: the one that is looked for and the one it becomes.
        Span<byte> even = stackalloc byte[WireName.MaxLength];
        Span<byte> odd = stackalloc byte[WireName.MaxLength];
        scoped var current = name;
        var owner = DnsHeader.Size;
        for (var aliases = 0; aliases < MaxAliases && match.Kind != ZoneMatchKind.NotOurs && !answer.IsTruncated; aliases++)
        {
            var next = (aliases & 1) == 0 ? even : odd;
            int length;
            if (match.Kind == ZoneMatchKind.Redirected)
            {
                length = Redirect(ref answer, match, current, next, owner);
                if (length < 0)
                {
                    return ResponseCode.YXDomain;
                }
            }
            else if (match.Node?.Alias is { } alias && type is not (RecordType.CNAME or RecordType.ANY) && match.Node.Find(type) is null)
            {
                answer.Append(alias, owner);
                length = alias.FirstData.Length;
                WireName.ToLower(alias.FirstData, next);
            }
            else
            {
                return WriteEnd(ref answer, match, type, owner);
            }

            // The target lies in the data of the record just written, the last octets of the response.
            current = next[..length];
            owner = answer.Position - length;
            match = store.Find(current, type);
        }

        return ResponseCode.NoError;
    }

    /// <summary>Writes the DNAME and the CNAME it stands for; returns the length of the new name, or -1 when it is too long (RFC 6672 section 2.2).</summary>
    private static int Redirect(
        ref ZoneAnswer answer, in ZoneMatch match, scoped ReadOnlySpan<byte> name, scoped Span<byte> next, int owner)
    {
        var redirection = match.Node!.Redirection!;
        var target = redirection.FirstData;
        answer.Append(redirection, owner + match.NodeOffset);
        if (match.NodeOffset + target.Length > WireName.MaxLength)
        {
            return -1;
        }

        Span<byte> renamed = stackalloc byte[WireName.MaxLength];
        name[..match.NodeOffset].CopyTo(renamed);
        target.CopyTo(renamed[match.NodeOffset..]);
        var length = match.NodeOffset + target.Length;
        answer.AppendAlias(renamed[..length], redirection.Ttl, owner);
        WireName.ToLower(renamed[..length], next);
        return length;
    }

    private static ResponseCode WriteEnd(ref ZoneAnswer answer, in ZoneMatch match, RecordType type, int owner)
    {
        var isEmpty = true;
        if (match.Node is not null && type == RecordType.ANY)
        {
            isEmpty = match.Node.Sets.Length == 0;
            WriteAny(ref answer, match.Node, owner);
        }
        else if (match.Node?.Find(type) is { } set)
        {
            isEmpty = false;
            answer.Append(set, owner);
        }

        if (isEmpty)
        {
            answer.AppendNegative(match.Zone!, owner + match.ApexOffset);
        }

        return match.Kind == ZoneMatchKind.NoName ? ResponseCode.NXDomain : ResponseCode.NoError;
    }

    /// <summary>All RRsets that fit, at least the first: an answer to ANY may be a subset (RFC 8482 section 4.1).</summary>
    private static void WriteAny(ref ZoneAnswer answer, ZoneNode node, int owner)
    {
        foreach (var set in node.Sets)
        {
            if (!answer.HasAnswers || answer.Fits(set))
            {
                answer.Append(set, owner);
            }
        }
    }
}
