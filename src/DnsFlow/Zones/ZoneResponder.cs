using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Telemetry;

namespace DnsFlow.Zones;

/// <summary>
/// Answers a query from the zones (RFC 1034 section 4.3.2), following aliases as long as they stay in our zones. When one leads out, who
/// asks for recursion gets the rest from the query's group; else the response is what is known: the CNAME records, RCODE NOERROR, as an authoritative server gives them. A name under a delegation is not
/// ours: who asks for recursion has no use for a referral, so his query passes on and is forwarded; who does not gets one. Allocates nothing but for an alias that leads out.
/// </summary>
internal static class ZoneResponder
{
    /// <summary>How many aliases one response follows; a loop of them ends here.</summary>
    public const int MaxAliases = 16;

    /// <summary>Answers, or passes the query on when its name is not ours.</summary>
    public static StepResult Respond(ref QueryContext context, ZoneTable zones, string step)
    {
        var type = context.Query.Type;
        var match = zones.Find(context.Name, type);
        if (match.Kind == ZoneMatchKind.NotOurs || (match.Kind == ZoneMatchKind.Delegated && context.Query.Header.RecursionDesired))
        {
            return StepResult.Continue;
        }

        if (match.Kind == ZoneMatchKind.Unavailable)
        {
            context.Decision = new Decision(step, -1, ExtendedErrorCode.NotReady);
            return context.AnswerEmpty(ResponseCode.ServFail, QueryOutcome.Failed, ExtendedErrorCode.NotReady);
        }

        var answer = new ZoneAnswer(ref context);
        var code = Write(ref answer, zones, match, context.Name, type, context.Query.Header.RecursionDesired);
        context.ResponseLength = answer.Complete(context, ref code);
        context.Decision = new Decision(step, -1, ExtendedErrorCode.None);
        if (answer is { Outside: { } outside, IsTruncated: false } && context.Target.Group >= 0 && !context.IsDetoured
            && DnsMessageReader.TryRead(context.Response[..context.ResponseLength], out var links))
        {
            context.Detour = new AliasDetour(outside, links.Answer);
            return StepResult.Detour;
        }

        return context.Answered(code, QueryOutcome.Local);
    }

    private static ResponseCode Write(
        ref ZoneAnswer answer, ZoneTable zones, ZoneMatch match, ReadOnlySpan<byte> name, RecordType type, bool wantsRecursion)
    {
        // Two names are alive at a time: the one that is looked for and the one it becomes.
        Span<byte> even = stackalloc byte[WireName.MaxLength];
        Span<byte> odd = stackalloc byte[WireName.MaxLength];
        scoped var current = name;
        var proofs = default(ProofList);
        var owner = DnsHeader.Size;
        var code = ResponseCode.NoError;
        for (var aliases = 0; aliases < MaxAliases && !answer.IsTruncated; aliases++)
        {
            var next = (aliases & 1) == 0 ? even : odd;
            int length;
            if (answer.WithProofs && match is { Kind: ZoneMatchKind.Wildcard, Zone.Denial: not null })
            {
                ZoneProofs.AddWildcard(ref proofs, match, current, owner + match.ApexOffset);
            }

            if (match.Kind == ZoneMatchKind.Redirected)
            {
                length = Redirect(ref answer, match, current, next, owner);
                if (length < 0)
                {
                    code = ResponseCode.YXDomain;
                    break;
                }

                if (type is RecordType.CNAME or RecordType.ANY)
                {
                    break;      // the CNAME that was just made is what was asked for
                }

                owner = answer.Position - length;
            }
            else if (IsAlias(match, type, out var alias))
            {
                // The target lies in the data of the record just written, the last octets of the response.
                answer.Append(alias!, owner);
                length = alias!.FirstData.Length;
                WireName.ToLower(alias.FirstData, next);
                var target = answer.Position - length;
                answer.AppendSignatures(alias, owner);
                owner = target;
            }
            else
            {
                code = WriteEnd(ref answer, ref proofs, match, current, type, owner, wantsRecursion);
                break;
            }

            current = next[..length];
            match = zones.Find(current, type);
        }

        for (var i = 0; i < proofs.Count && !answer.IsReferral; i++)
        {
            answer.AppendProof(proofs[i], proofs.ApexLength(i), proofs.Apex(i));
        }

        return code;
    }

    private static bool IsAlias(in ZoneMatch match, RecordType type, out ZoneRRset? alias)
    {
        alias = match.Kind is ZoneMatchKind.Node or ZoneMatchKind.Wildcard && type is not (RecordType.CNAME or RecordType.ANY)
            ? match.Node?.Alias
            : null;
        return alias is not null && match.Node!.Find(type) is null && !(type == RecordType.RRSIG && alias.Signatures is not null);
    }

    /// <summary>Writes the DNAME and the CNAME it stands for; returns the length of the new name, or -1 when it is too long (RFC 6672 section 2.2).</summary>
    private static int Redirect(
        ref ZoneAnswer answer, in ZoneMatch match, scoped ReadOnlySpan<byte> name, scoped Span<byte> next, int owner)
    {
        var redirection = match.Node!.Redirection!;
        var target = redirection.FirstData;
        answer.Append(redirection, owner + match.NodeOffset);
        answer.AppendSignatures(redirection, owner + match.NodeOffset);
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

    private static ResponseCode WriteEnd(
        ref ZoneAnswer answer, ref ProofList proofs, in ZoneMatch match, scoped ReadOnlySpan<byte> name, RecordType type, int owner, bool wantsRecursion)
    {
        switch (match.Kind)
        {
            case ZoneMatchKind.Delegated when !wantsRecursion:
                answer.IsReferral = !answer.HasAnswers;
                ZoneReferral.Write(ref answer, match, name, owner);
                return ResponseCode.NoError;
            case ZoneMatchKind.NotOurs or ZoneMatchKind.Delegated or ZoneMatchKind.Unavailable:
                // An alias led here: what is known is written.
                answer.Outside = wantsRecursion && match.Kind != ZoneMatchKind.Unavailable && DomainName.TryFromWire(name, out var outside) ? outside : null;
                return ResponseCode.NoError;
            case ZoneMatchKind.NoName:
                WriteNegative(ref answer, match, owner);
                if (answer.WithProofs && match.Zone!.Denial is not null)
                {
                    ZoneProofs.AddNoName(ref proofs, match, name, owner + match.ApexOffset);
                }

                return ResponseCode.NXDomain;
        }

        if (!WriteData(ref answer, match.Node!, type, owner))
        {
            WriteNegative(ref answer, match, owner);
            if (answer.WithProofs && match.Zone!.Denial is not null)
            {
                ZoneProofs.AddNoData(ref proofs, match, name, owner + match.ApexOffset);
            }
        }

        return ResponseCode.NoError;
    }

    private static void WriteNegative(ref ZoneAnswer answer, in ZoneMatch match, int owner) =>
        answer.AppendAuthority(match.Zone!.Negative, owner + match.ApexOffset);

    /// <summary>Writes what the node has of a type; false when that is nothing.</summary>
    private static bool WriteData(ref ZoneAnswer answer, ZoneNode node, RecordType type, int owner)
    {
        switch (type)
        {
            case RecordType.ANY:
                WriteAny(ref answer, node, owner);
                return node.Sets.Length > 0;
            case RecordType.RRSIG:
                return WriteSignatures(ref answer, node, owner);
        }

        if (node.Find(type) is not { } set)
        {
            return false;
        }

        answer.Append(set, owner);
        answer.AppendSignatures(set, owner);
        return true;
    }

    private static bool WriteSignatures(ref ZoneAnswer answer, ZoneNode node, int owner)
    {
        var isAny = false;
        foreach (var set in node.Sets)
        {
            if ((set.Type == RecordType.RRSIG ? set : set.Signatures) is { } signatures)
            {
                answer.Append(signatures, owner);
                isAny = true;
            }
        }

        return isAny;
    }

    /// <summary>All RRsets that fit, at least the first: an answer to ANY may be a subset (RFC 8482 section 4.1).</summary>
    private static void WriteAny(ref ZoneAnswer answer, ZoneNode node, int owner)
    {
        foreach (var set in node.Sets)
        {
            if (!answer.HasAnswers || answer.Fits(set))
            {
                answer.Append(set, owner);
                if (set.Signatures is { } signatures && answer.Fits(signatures))
                {
                    answer.AppendSignatures(set, owner);
                }
            }
        }
    }
}
