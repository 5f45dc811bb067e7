using DnsFlow.Protocol;
using DnsFlow.Queries;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>Reads the values of <c>$dnsrewrite</c>: an address, a name, a response code, or <c>RCODE;TYPE;VALUE</c>.</summary>
internal static class Rewrites
{
    /// <summary>Puts the answer into a detail; false when the value is wrong. An empty value stands for every rewrite, in exceptions.</summary>
    public static bool Apply(string value, ref EntryDetail detail)
    {
        detail = detail with { IsRewrite = true };
        if (value.Length == 0)
        {
            return true;
        }

        var answer = value.Contains(';', StringComparison.Ordinal) ? ReadLong(value.Split(';', 3)) : ReadShort(value);
        detail = detail with { Answer = answer };
        return answer is not null;
    }

    private static ListAnswer? ReadShort(string value) =>
        ReadCode(value)
        ?? (Settings.NetworkText.TryParseAddress(value, out var address) ? AnswerDetails.Address(address).Answer : ReadRecord(RecordType.CNAME, value));

    private static ListAnswer? ReadLong(string[] parts)
    {
        if (parts.Length != 3 || ReadCode(parts[0]) is not { } code)
        {
            return null;
        }

        return code.Kind != ListAnswerKind.NoData || parts[1].Length == 0
            ? code
            : RecordTypes.TryParse(parts[1], out var type) ? ReadRecord(type, parts[2]) : null;
    }

    private static ListAnswer? ReadCode(string word) => word switch
    {
        "NOERROR" => ListAnswer.Of(ListAnswerKind.NoData),
        "NXDOMAIN" => ListAnswer.Of(ListAnswerKind.NXDomain),
        "REFUSED" => ListAnswer.Of(ListAnswerKind.Refused),
        _ => null,
    };

    private static ListAnswer? ReadRecord(RecordType type, string value)
    {
        // The text of a TXT record is the whole value, blanks and all.
        var text = type == RecordType.TXT && !value.StartsWith('"') ? $"\"{value.Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : value;
        return !type.IsMeta() && RdataText.TryParse(type, text, DomainName.Root, out var rdata, out _)
            ? new ListAnswer(ListAnswerKind.Records, [new ListRecord(type, rdata)])
            : null;
    }
}
