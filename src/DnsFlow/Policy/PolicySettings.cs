using DnsFlow.Flows;
using DnsFlow.Names;
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
    public static SettingsKind<NamePattern> Pattern { get; } = new(
        "a domain", "corp.example, =host.example, *.lab.example or .",
        static (string text, out NamePattern pattern) => NamePattern.TryParse(text, out pattern!, out _))
    {
        Explain = static text => NamePattern.TryParse(text, out _, out var error) ? null : error,
    };

    /// <summary>The keys of <c>DnsFlow:Blocking</c>.</summary>
    public static SettingsShape<BlockingOptions> Blocking { get; } = new SettingsShape<BlockingOptions>("How blocked queries are answered.")
        .Value("Style", Style, static (o, v) => o.Style = v, "The answer: nxdomain, nodata, zero (0.0.0.0 and ::) or refused.")
        .Value("Ttl", Ttl, static (o, v) => o.Ttl = v, "How long clients may keep negative answers made here.")
        .Value("ExtendedErrors", SettingsKinds.Boolean, static (o, v) => o.ExtendedErrors = v, "Whether answers made here say why (RFC 8914).");

    private static readonly SettingsKind<FlowTransport> Transport = SettingsKinds.Choice(
        "a transport", ("udp", FlowTransport.Udp), ("tcp", FlowTransport.Tcp));

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
        .Object("When", AddFlowConditions(new SettingsShape<FlowConditionOptions>("Everything that is set must match.")), static o => o.When)
        .Value("Verdict", Verdict, static (o, v) => o.Verdict = v, "claim (query rules decide), pass (relayed untouched) or discard.");

    /// <summary>The keys of <c>DnsFlow:QueryRules:N</c> that all actions share.</summary>
    public static SettingsShape<QueryRuleOptions> QueryRule { get; } = new SettingsShape<QueryRuleOptions>("One rule on queries; the first that matches acts.")
        .Value("Name", SettingsKinds.Text, static (o, v) => o.Name = v, "The rule's name, for statistics and explain.")
        .Object("When", QueryConditions(), static o => o.When)
        .Value("Action", SettingsKinds.Text, static (o, v) => o.Action = v, "What is done.")
        .Open(static (o, reader) => o.Settings = reader);

    private static SettingsShape<QueryConditionOptions> QueryConditions() =>
        AddFlowConditions(new SettingsShape<QueryConditionOptions>("Everything that is set must match."))
            .List("Domains", Pattern, static (o, v) => o.Domains = v, "The query's name is covered by one of these patterns.")
            .List("NotDomains", Pattern, static (o, v) => o.NotDomains = v, "The query's name is covered by none of these patterns.")
            .List("Types", Type, static (o, v) => o.Types = v, "The query's type is one of these.")
            .Later("Lists", "NotLists");

    private static SettingsShape<T> AddFlowConditions<T>(SettingsShape<T> shape)
        where T : FlowConditionOptions => shape
        .List("Listener", SettingsKinds.Text, static (o, v) => o.Listener = v, "The flow came to one of these listeners.")
        .List("From", SettingsKinds.Network, static (o, v) => o.From = v, "The client's address is in one of these networks.")
        .List("NotFrom", SettingsKinds.Network, static (o, v) => o.NotFrom = v, "The client's address is in none of these networks.")
        .List("Clients", SettingsKinds.Network, static (o, v) => o.Clients = v, "The client is one of these; networks, as names are not supported by this version.")
        .List("NotClients", SettingsKinds.Network, static (o, v) => o.NotClients = v, "The client is none of these.")
        .Value("Transport", Transport, static (o, v) => o.Transport = v, "What carries the flow: udp or tcp.")
        .Later("Schedules", "NotSchedules", "Processes", "NotProcesses", "Users", "NotUsers");
}
