using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>The actions of response policy zones.</summary>
internal static class RpzActions
{
    private static readonly EntryDetail s_nxDomain = AnswerDetails.Kind(ListAnswerKind.NXDomain, "CNAME .");
    private static readonly EntryDetail s_noData = AnswerDetails.Kind(ListAnswerKind.NoData, "CNAME *.");
    private static readonly EntryDetail s_drop = AnswerDetails.Kind(ListAnswerKind.Drop, "CNAME rpz-drop.");
    private static readonly EntryDetail s_truncate = AnswerDetails.Kind(ListAnswerKind.Truncate, "CNAME rpz-tcp-only.");

    /// <summary>The query is resolved as if the zone were not there.</summary>
    public static EntryDetail PassThrough { get; } = new() { Text = "CNAME rpz-passthru." };

    /// <summary>The action of a record; null when it cannot be read.</summary>
    public static EntryDetail? Read(RecordType type, ReadOnlySpan<PresentationToken> fields, string trigger, out bool isException)
    {
        isException = false;
        if (type != RecordType.CNAME)
        {
            return RecordLine.TryReadData(type, fields, out var rdata, out var text) ? AnswerDetails.Record(type, rdata, text) : null;
        }

        if (fields.Length != 1)
        {
            return null;
        }

        var target = fields[0].Span.ToString();
        var name = target.TrimEnd('.').ToLowerInvariant();
        isException = name == "rpz-passthru" || name.Equals(trigger, StringComparison.OrdinalIgnoreCase);      // the second is how it was written once
        return isException ? PassThrough : (target, name) switch
        {
            (".", _) => s_nxDomain,
            ("*.", _) => s_noData,
            (_, "rpz-drop") => s_drop,
            (_, "rpz-tcp-only") => s_truncate,
            _ => Alias(target),
        };
    }

    private static EntryDetail? Alias(string target)
    {
        var isBelow = target.StartsWith("*.", StringComparison.Ordinal);
        return DomainName.TryParse(isBelow ? target[2..] : target, DomainName.Root, out var name, out _)
            ? new EntryDetail
            {
                Text = $"CNAME {target}",
                Answer = new ListAnswer(ListAnswerKind.Records, [new ListRecord(RecordType.CNAME, name.Wire.ToArray(), isBelow)]),
            }
            : null;
    }
}
