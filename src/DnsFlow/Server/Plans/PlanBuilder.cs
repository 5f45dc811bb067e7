using System.Collections.Immutable;
using System.Net;
using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Lists;
using DnsFlow.Policy;
using DnsFlow.Policy.Actions;
using DnsFlow.Queries;
using DnsFlow.Settings;
using DnsFlow.Transports.Tls;
using DnsFlow.Upstreams;
using DnsFlow.Zones;

namespace DnsFlow.Server.Plans;

/// <summary>
/// Compiles options into a plan, whole or not at all: every problem of every part is collected before it gives up. What outlives a plan is kept here: the
/// partition of a group with the same servers, so that the cache outlives a reload, and the counters of rules.
/// </summary>
internal sealed class PlanBuilder(QueryActionCatalog actions, ListStore lists)
{
    /// <summary>The group that passed flows go to unless the configuration has one of this name.</summary>
    public const string SystemGroupName = "system";

    /// <summary>The actions rules can name.</summary>
    public QueryActionCatalog Actions { get; } = actions;

    /// <summary>The lists, kept from plan to plan.</summary>
    public ListStore Lists { get; } = lists;

    private const int MaxPartitions = 1_024;

    private readonly Dictionary<string, uint> _partitions = new(StringComparer.OrdinalIgnoreCase);
    private readonly CookieLoader _cookies = new();
    private readonly SubnetTable _subnets = new();
    private readonly RuleCounters _flowRules = new();
    private readonly RuleCounters _queryRules = new();
    private readonly RuleCounters _answerRules = new();
    private uint _lastPartition;

    /// <summary>Compiles; null when something is wrong, and then <paramref name="errors"/> has it all.</summary>
    public ProxyPlan? Build(ProxyOptions options, PlanInputs inputs, SettingsErrors errors)
    {
        var groups = Groups(options, inputs, errors);
        var lists = Lists.Prepare(options.Lists, Place(options, inputs), (name, problem) => errors.Add($"{options.Path}:Lists:{name}", problem));
        var policy = Policy(options, inputs, groups, lists);
        var flowRules = PolicyCompiler.CompileFlowRules(options.FlowRules, policy, errors);
        var queryRules = PolicyCompiler.CompileQueryRules(options.QueryRules, policy, errors);
        var answerRules = PolicyCompiler.CompileAnswerRules(options.AnswerRules, policy, errors);
        var zones = ZoneLoader.Load(Path.Combine(inputs.BaseFolder, "zones"), Located(options.Zones, inputs.BaseFolder), StateFolder(inputs.BaseFolder), inputs.PreviousZones,
            MemoryPlan.Of(options).Zones);
        foreach (var error in zones.Errors)
        {
            errors.Add(error.ToString());
        }

        var cookies = _cookies.Load(options, inputs.BaseFolder, inputs.Clock.Time, errors);
        if (errors.Any || flowRules is null || queryRules is null || answerRules is null || !zones.IsLoaded)
        {
            groups.Where(group => !inputs.EarlierGroups.Contains(group)).ToList().ForEach(static group => group.Dispose());
            return null;
        }

        return Assemble(options, inputs, groups, SystemGroup(inputs, groups), flowRules, queryRules, answerRules, lists, zones, cookies);
    }

    /// <summary>Notes what is wrong with the zones of a configuration that is wrong otherwise, so that all errors are told at once.</summary>
    public static void CheckZones(ProxyOptions options, string baseFolder, SettingsErrors errors)
    {
        foreach (var error in ZoneLoader.Load(Path.Combine(baseFolder, "zones"), Located(options.Zones, baseFolder), StateFolder(baseFolder), null, MemoryPlan.Of(options).Zones).Errors)
        {
            errors.Add(error.ToString());
        }
    }

    /// <summary>A plan is in force: what was only there for others is forgotten.</summary>
    public void Settle(ProxyPlan plan)
    {
        _flowRules.Keep(plan.FlowRules.Rules.Select(static rule => rule.Name).ToHashSet(StringComparer.OrdinalIgnoreCase));
        _queryRules.Keep(plan.QueryRules.Rules.Select(static rule => rule.Name).ToHashSet(StringComparer.OrdinalIgnoreCase));
        _answerRules.Keep(plan.AnswerRules.Rules.Select(static rule => rule.Name).ToHashSet(StringComparer.OrdinalIgnoreCase));
    }

    private SubnetStep? Subnets(RuleSet queryRules, List<UpstreamGroup> groups)
        => groups.Exists(static group => group.Options.ClientSubnet.Mode != SubnetMode.Strip) || queryRules.Rules.Any(static rule => rule.ActionName == SubnetActionFactory.ActionName)
            ? new SubnetStep([.. groups.Select(static group => group.Options.ClientSubnet)], _subnets)
            : null;

    private ProxyPlan Assemble(
        ProxyOptions options, PlanInputs inputs, List<UpstreamGroup> groups, UpstreamGroup system, FlowRuleSet flowRules, RuleSet queryRules, RuleSet answerRules, ListSet lists,
        ZoneLoadResult zones, ServerCookies? cookies) => new()
        {
            FlowRules = flowRules,
            QueryRules = queryRules,
            AnswerRules = answerRules,
            Lists = lists,
            Clients = new ClientSets(options.Clients, inputs.Neighbours),
            Bootstrap = Bootstrap(options),
            Zones = zones.Store!,
            Transfers = zones.Transfers!,
            Groups = groups.Contains(system) || !flowRules.Rules.Any(rule => rule.Verdict == FlowVerdict.Pass) ? [.. groups] : [.. groups, system],
            Forwarding = new ForwardingPlan
            {
                Engine = DefaultEngine.Build(
                    queryRules, answerRules, zones, inputs.Cache, inputs.Clock.Time, inputs.Designated, Log(inputs, groups, queryRules, answerRules), cookies, Subnets(queryRules, groups)),
                Lists = lists.Names.Count > 0 ? lists : null,
                FlowHandler = inputs.FlowHandler(flowRules),
                Groups = [.. groups],
                SystemGroup = system,
                Labels = inputs.Labels,
                Cookies = cookies,
                Subnets = _subnets,
                Access = [.. inputs.Listeners.Select(name => Access(options, name))],
                Proxies = options.Listeners.Values.Any(static listener => listener.ProxyProtocol.Count > 0) ? [.. inputs.Listeners.Select(name => Proxies(options, name))] : [],
            },
        };

    private static EngineLog? Log(PlanInputs inputs, List<UpstreamGroup> groups, RuleSet queryRules, RuleSet answerRules)
        => inputs.Log is { } queue ? new(queue, inputs.Listeners, [.. groups.Select(static group => group.Name)], queryRules, answerRules) : null;

    /// <summary>The named zones with their files relative to the base folder.</summary>
    private static Dictionary<string, ZoneOptions> Located(IReadOnlyDictionary<string, ZoneOptions> zones, string folder) => zones.ToDictionary(
        zone => zone.Key,
        zone => new ZoneOptions
        {
            Origin = zone.Value.Origin,
            MaxRecords = zone.Value.MaxRecords,
            File = zone.Value.File is { Length: > 0 } file ? Path.Combine(folder, file) : null,
            HostsFile = zone.Value.HostsFile is { Length: > 0 } hosts ? Path.Combine(folder, hosts) : null,
            Primaries = zone.Value.Primaries,
            TsigKeyFile = zone.Value.TsigKeyFile is { Length: > 0 } key ? Path.Combine(folder, key) : null,
            MaxBytes = zone.Value.MaxBytes,
            Reverse = zone.Value.Reverse,
        });

    /// <summary>Where what was transferred is kept: systemd's StateDirectory, else beside the configuration.</summary>
    private static string StateFolder(string baseFolder) =>
        Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } folder ? folder.Split(':')[0] : Path.Combine(baseFolder, "state");

    private static NetworkSet Access(ProxyOptions options, string listener)
        => new(options.Listeners.TryGetValue(listener, out var own) ? own.Allow : NetworkSet.LoopbackAndPrivate);

    private static NetworkSet? Proxies(ProxyOptions options, string listener)
        => options.Listeners.TryGetValue(listener, out var own) && own.ProxyProtocol.Count > 0 ? new NetworkSet(own.ProxyProtocol) : null;

    private static ListPlace Place(ProxyOptions options, PlanInputs inputs) => new(
        inputs.BaseFolder, new ListCopies(Path.Combine(StateFolder(inputs.BaseFolder), "lists")), MemoryPlan.Of(options).Lists,
        Bootstrap(options));

    private static ImmutableArray<IPEndPoint> Bootstrap(ProxyOptions options) =>
        [.. options.Bootstrap.Servers.Select(static server => EndpointText.TryParse(server, out var endpoint, out _) ? new IPEndPoint(endpoint.Address, endpoint.Port) : null).OfType<IPEndPoint>()];

    private PolicyInputs Policy(ProxyOptions options, PlanInputs inputs, List<UpstreamGroup> groups, ListSet lists)
    {
        var targets = new Dictionary<string, ForwardTarget>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < groups.Count; i++)
        {
            targets[groups[i].Name] = new ForwardTarget(i, groups[i].Partition);
        }

        foreach (var name in options.Upstreams.Keys)
        {
            targets.TryAdd(name, ForwardTarget.None);   // its settings are wrong, which was said: rules that name it are not
        }

        return new PolicyInputs
        {
            Listeners = inputs.Listeners,
            Groups = targets,
            Clients = options.Clients,
            Schedules = new ScheduleClock(options.Schedules, inputs.Clock),
            Neighbours = inputs.Neighbours,
            Blocking = options.Blocking,
            Actions = Actions,
            Lists = lists,
            FlowRuleCounters = _flowRules,
            QueryRuleCounters = _queryRules,
            AnswerRuleCounters = _answerRules,
        };
    }

    private List<UpstreamGroup> Groups(ProxyOptions options, PlanInputs inputs, SettingsErrors errors)
    {
        var groups = new List<UpstreamGroup>();
        foreach (var (name, group) in options.Upstreams)
        {
            var problems = new List<string>();
            group.CaFile = group.CaFile is { Length: > 0 } file ? Path.Combine(inputs.BaseFolder, file) : null;
            if (Group(name, group, Fingerprint(options, name, group), inputs, problems) is { } made)
            {
                groups.Add(made);
            }

            foreach (var problem in problems)
            {
                var end = problem.IndexOf(": ", StringComparison.Ordinal);
                errors.Add($"DnsFlow:Upstreams:{name}:{problem[..end]}", problem[(end + 2)..]);
            }
        }

        return groups;
    }

    // With the certificates of now: a group whose file was renewed is another one.
    private static string Fingerprint(ProxyOptions options, string name, UpstreamGroupOptions group)
    {
        var settings = options.Tree.Find("Upstreams")?.Find(name)?.ToString() ?? "";
        return group.CaFile is { } file ? $"{settings} {FileState.Of(file)}" : settings;
    }

    private UpstreamGroup SystemGroup(PlanInputs inputs, List<UpstreamGroup> groups)
        => groups.Find(group => string.Equals(group.Name, SystemGroupName, StringComparison.OrdinalIgnoreCase))
            ?? Group(SystemGroupName, new UpstreamGroupOptions { Servers = ["system:"] }, "", inputs, [])!;

    private UpstreamGroup? Group(string name, UpstreamGroupOptions options, string fingerprint, PlanInputs inputs, List<string> problems)
    {
        var partition = Partition(name, options);
        var earlier = inputs.EarlierGroups.FirstOrDefault(group => group.Name == name && group.Partition == partition && group.Fingerprint == fingerprint);
        return earlier ?? inputs.Upstreams.Create(name, partition, options, problems, inputs.IsOwnListener, fingerprint);
    }

    /// <summary>What makes the cached responses of one group those of another: everything that its answers depend on.</summary>
    internal static string PartitionOf(string group, UpstreamGroupOptions options) => $"{group} {string.Join(' ', options.Servers)}";

    // Servers that were exchanged may know other answers: those of the earlier ones are not looked at any more.
    private uint Partition(string group, UpstreamGroupOptions options)
    {
        var identity = PartitionOf(group, options);
        if (!_partitions.TryGetValue(identity, out var partition))
        {
            if (_partitions.Count >= MaxPartitions)
            {
                _partitions.Clear();
            }

            partition = ++_lastPartition;
            _partitions[identity] = partition;
        }

        return partition;
    }
}
