using DnsFlow.Protocol;
using DnsFlow.Settings;
using DnsFlow.Telemetry;

namespace DnsFlow.Policy.Actions;

/// <summary>
/// <c>answer</c>: the rule's own records, of any type, for the name that was asked: <c>"Records": ["A 192.168.1.9", "TXT \"x\""]</c>. A type
/// that has none is answered NODATA.
/// </summary>
internal sealed class AnswerActionFactory : IQueryActionFactory
{
    private static readonly SettingsShape<AnswerSettings> s_shape = new SettingsShape<AnswerSettings>("Answers with records of the rule.")
        .List("Records", SettingsKinds.Text, static (o, v) => o.Records = v, "The records without owner and TTL, as in a zone file: A 192.168.1.9")
        .Value("Ttl", PolicySettings.Ttl, static (o, v) => o.Ttl = v, "How long clients may keep the answer.");

    public string Name => "answer";

    public RuleStages Stages => RuleStages.Query | RuleStages.Answer;

    public SettingsShape Shape => s_shape;

    public IQueryAction? Create(QueryActionContext context)
    {
        var settings = new AnswerSettings();
        if (!context.TryRead(s_shape, settings))
        {
            return null;
        }

        var reader = context.Settings.Child("Records");
        if (settings.Records.Count == 0)
        {
            reader.Error("records are missing; allowed: A 192.168.1.9, TXT \"a text\", ...");
            return null;
        }

        var sets = new RecordSets((uint)settings.Ttl.TotalSeconds);
        var good = true;
        for (var i = 0; i < settings.Records.Count; i++)
        {
            var problem = AddRecord(settings.Records[i], sets);
            if (problem is not null)
            {
                good = false;
                reader.Child(i.ToString(System.Globalization.CultureInfo.InvariantCulture)).Error($"'{settings.Records[i]}': {problem}");
            }
        }

        return good
            ? new RecordsAction(sets, new NegativeResponse(settings.Ttl), QueryOutcome.Local, ExtendedErrorCode.None, authoritative: true)
            : null;
    }

    private static string? AddRecord(string text, RecordSets sets)
    {
        var space = text.AsSpan().IndexOfAny(' ', '\t');
        var typeText = space < 0 ? text : text[..space];
        if (!RecordTypes.TryParse(typeText, out var type))
        {
            return $"'{typeText}' is not a record type; allowed: A 192.168.1.9, TXT \"a text\", ...";
        }

        if (type.IsMeta())
        {
            return $"{type.ToText()} is not a type of data";
        }

        if (!RdataText.TryParse(type, space < 0 ? "" : text[(space + 1)..], DomainName.Root, out var rdata, out var error))
        {
            return error;
        }

        return sets.Types > 0 && sets.Has(RecordType.CNAME) != (type == RecordType.CNAME) || (type == RecordType.CNAME && sets.Types > 0)
            ? "a CNAME stands alone (RFC 1034 section 3.6.2)"
            : sets.Add(type, rdata) ? null : $"the records have more than {RecordSets.MaxBytes} octets";
    }

    private sealed class AnswerSettings
    {
        public IReadOnlyList<string> Records { get; set; } = [];

        public TimeSpan Ttl { get; set; } = TimeSpan.FromMinutes(5);
    }
}
