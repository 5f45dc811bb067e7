using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Settings;

namespace DnsFlow.Policy;

/// <summary>How the options of rules and of blocking are read.</summary>
internal static class PolicySettings
{
    /// <summary>A TTL: whole seconds up to a week.</summary>
    public static SettingsKind<TimeSpan> Ttl { get; } = SettingsKinds.Duration(TimeSpan.Zero, TimeSpan.FromDays(7));

    /// <summary>How blocked queries are answered.</summary>
    public static SettingsKind<BlockingStyle> Style { get; } = SettingsKinds.Choice(
        "a blocking style", ("nxdomain", BlockingStyle.NXDomain), ("nodata", BlockingStyle.NoData), ("zero", BlockingStyle.Zero), ("refused", BlockingStyle.Refused));

    /// <summary>A pattern for domain names.</summary>
    public static SettingsKind<DomainPattern> Pattern { get; } = new(
        "a domain", "corp.example, =host.example, *.lab.example, /regular expression/ or .",
        static (string text, out DomainPattern pattern) => DomainPattern.TryParse(text, out pattern!, out _))
    {
        Explain = static text => DomainPattern.TryParse(text, out _, out var error) ? null : error,
    };

    /// <summary>The keys of <c>DnsFlow:Blocking</c>.</summary>
    public static SettingsShape<BlockingOptions> Blocking { get; } = new SettingsShape<BlockingOptions>("How blocked queries are answered.")
        .Value("Style", Style, static (o, v) => o.Style = v, "The answer: nxdomain, nodata, zero (0.0.0.0 and ::) or refused.")
        .Value("Ttl", Ttl, static (o, v) => o.Ttl = v, "How long clients may keep negative answers made here.")
        .Value("ExtendedErrors", SettingsKinds.Boolean, static (o, v) => o.ExtendedErrors = v, "Whether answers made here say why (RFC 8914).");

    /// <summary>How deep <c>Any</c> and <c>Not</c> may stand inside of each other.</summary>
    private const int MaxDepth = 3;

    private static readonly SettingsKind<RecordClass> Class = SettingsKinds.Choice(
        "a class", ("IN", RecordClass.IN), ("CH", RecordClass.CH), ("HS", RecordClass.HS), ("ANY", RecordClass.ANY));

    private static readonly SettingsKind<ResponseCode> Code = SettingsKinds.Choice(
        "an RCODE", ("NOERROR", ResponseCode.NoError), ("NXDOMAIN", ResponseCode.NXDomain), ("SERVFAIL", ResponseCode.ServFail), ("REFUSED", ResponseCode.Refused));

    private static readonly SettingsKind<FlowTransport> Transport = SettingsKinds.Choice(
        "a transport", ("udp", FlowTransport.Udp), ("tcp", FlowTransport.Tcp), ("tls", FlowTransport.Tls), ("https", FlowTransport.Https));

    private static readonly SettingsKind<FlowVerdict> Verdict = SettingsKinds.Choice(
        "a verdict", ("claim", FlowVerdict.Claim), ("pass", FlowVerdict.Pass), ("discard", FlowVerdict.Discard));

    private static readonly SettingsKind<RecordType> Type = new(
        "a record type", "A, AAAA, HTTPS ... or TYPE65", static (string text, out RecordType type) => RecordTypes.TryParse(text, out type))
    {
        Explain = static text => NearestSpelling.Find(text, Enum.GetNames<RecordType>()) is { } nearest ? $"did you mean '{nearest}'?" : null,
    };

    /// <summary>The keys of <c>DnsFlow:FlowRules:N</c>.</summary>
    public static SettingsShape<FlowRuleOptions> FlowRule { get; } = new SettingsShape<FlowRuleOptions>("One rule on new flows; the first that matches gives the verdict.")
        .Value("Name", SettingsKinds.Text, static (o, v) => o.Name = v, "The rule's name, for statistics and explain.")
        .Object("When", Conditions(RuleStages.None, MaxDepth), static o => o.When)
        .Value("Verdict", Verdict, static (o, v) => o.Verdict = v, "claim (query rules decide), pass (relayed untouched) or discard.");

    /// <summary>The keys of <c>DnsFlow:QueryRules:N</c> that all actions share.</summary>
    public static SettingsShape<QueryRuleOptions> QueryRule { get; } = Rule("One rule on queries; the first that matches and is final decides.", RuleStages.Query);

    /// <summary>The keys of <c>DnsFlow:AnswerRules:N</c> that all actions share.</summary>
    public static SettingsShape<QueryRuleOptions> AnswerRule { get; } = Rule("One rule on answers of upstreams; the first that matches and is final decides.", RuleStages.Answer);

    private static SettingsShape<QueryRuleOptions> Rule(string description, RuleStages stage) => new SettingsShape<QueryRuleOptions>(description)
        .Value("Name", SettingsKinds.Text, static (o, v) => o.Name = v, "The rule's name, for statistics and explain.")
        .Object("When", Conditions(stage, MaxDepth), static o => o.When)
        .Value("Overrides", SettingsKinds.Boolean, static (o, v) => o.Overrides = v, "Whether it may leave nothing to a rule behind it, which is an error else.")
        .Value("Action", SettingsKinds.Text, static (o, v) => o.Action = v, "What is done.")
        .Open(static (o, reader) => o.Settings = reader);

    // Any and Not may stand inside of each other, but not without end.
    private static SettingsShape<RuleConditionOptions> Conditions(RuleStages stage, int depth)
    {
        var shape = new SettingsShape<RuleConditionOptions>("Everything that is set must hold.")
            .List("Listener", SettingsKinds.Text, static (o, v) => o.Listener = v, "The flow came to one of these listeners.")
            .List("From", ClientSettings.Range, static (o, v) => o.From = v, "The client's address is among these.")
            .List("NotFrom", ClientSettings.Range, static (o, v) => o.NotFrom = v, "The client's address is not among these.")
            .List("Clients", ClientSettings.Reference, static (o, v) => o.Clients = v, "The client is one of these.")
            .List("NotClients", ClientSettings.Reference, static (o, v) => o.NotClients = v, "The client is none of these.")
            .List("Transport", Transport, static (o, v) => o.Transport = v, "One of these carries the flow.")
            .List("Schedules", SettingsKinds.Text, static (o, v) => o.Schedules = v, "It is the time of one of these schedules.")
            .List("NotSchedules", SettingsKinds.Text, static (o, v) => o.NotSchedules = v, "It is the time of none of these schedules.");
        AddOnQueries(shape, stage);
        if (depth > 0)
        {
            var inner = Conditions(stage, depth - 1);
            shape.Objects("Any", inner, static () => new RuleConditionOptions(), static (o, v) => o.Any = v)
                .OptionalObject("Not", inner, static () => new RuleConditionOptions(), static (o, v) => o.Not = v);
        }

        return shape;
    }

    private static void AddOnQueries(SettingsShape<RuleConditionOptions> shape, RuleStages stage)
    {
        if (stage == RuleStages.None)
        {
            shape.Later("Processes", "NotProcesses", "Users", "NotUsers");
            return;
        }

        shape
            .List("Domains", Pattern, static (o, v) => o.Domains = v, "One of these patterns covers the query's name.")
            .List("NotDomains", Pattern, static (o, v) => o.NotDomains = v, "None of these patterns covers the query's name.")
            .List("Types", Type, static (o, v) => o.Types = v, "The query's type is one of these.")
            .List("NotTypes", Type, static (o, v) => o.NotTypes = v, "The query's type is none of these.")
            .List("Class", Class, static (o, v) => o.Class = v, "The query's class is one of these.")
            .List("Tags", SettingsKinds.Text, static (o, v) => o.Tags = v, "An earlier rule gave the query one of these tags.")
            .List("NotTags", SettingsKinds.Text, static (o, v) => o.NotTags = v, "The query has none of these tags.")
            .List("Lists", SettingsKinds.Text, static (o, v) => o.Lists = v, "One of these lists matches the query.")
            .List("NotLists", SettingsKinds.Text, static (o, v) => o.NotLists = v, "None of these lists matches the query.")
            .Later("Processes", "NotProcesses", "Users", "NotUsers");
        if (stage == RuleStages.Answer)
        {
            shape
                .List("AnswerIn", ClientSettings.Range, static (o, v) => o.AnswerIn = v, "An address in the answer is among these.")
                .List("NotAnswerIn", ClientSettings.Range, static (o, v) => o.NotAnswerIn = v, "No address in the answer is among these.")
                .List("AnswerName", Pattern, static (o, v) => o.AnswerName = v, "A CNAME record of the answer leads to a name that one of these patterns covers.")
                .List("NotAnswerName", Pattern, static (o, v) => o.NotAnswerName = v, "No CNAME record of the answer leads to such a name.")
                .List("AnswerCode", Code, static (o, v) => o.AnswerCode = v, "The RCODE of the answer is one of these.");
        }
    }
}
