using System.Net;
using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Lists;
using DnsFlow.Policy;
using DnsFlow.Queries;
using DnsFlow.Settings;
using DnsFlow.Upstreams;
using DnsFlow.Zones;

namespace DnsFlow.Server;

/// <summary>
/// Compiles options into a plan, whole or not at all: every problem of every part is collected before it gives up. The partition of a group stays
/// the same as long as this object lives, so that the cache outlives a reload.
/// </summary>
internal sealed class PlanBuilder(QueryActionCatalog actions, ListStore lists)
{
    /// <summary>The group that passed flows go to unless the configuration has one of this name.</summary>
    public const string SystemGroupName = "system";

    /// <summary>The actions rules can name.</summary>
    public QueryActionCatalog Actions { get; } = actions;

    /// <summary>The lists, kept from plan to plan.</summary>
    public ListStore Lists { get; } = lists;

    private readonly Dictionary<string, uint> _partitions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Compiles; null when something is wrong, and then <paramref name="errors"/> has it all.</summary>
    public ProxyPlan? Build(ProxyOptions options, PlanInputs inputs, SettingsErrors errors)
    {
        var registry = new UpstreamRegistry(inputs.IsOwnListener, options.Limits.InFlightPerGroup);
        var groups = Groups(options, registry, errors);
        var lists = Lists.Prepare(options.Lists, Place(options, inputs), (name, problem) => errors.Add($"{options.Path}:Lists:{name}", problem));
        var policy = Policy(options, inputs, groups, lists);
        var flowRules = PolicyCompiler.CompileFlowRules(options.FlowRules, policy, errors);
        var queryRules = PolicyCompiler.CompileQueryRules(options.QueryRules, policy, errors);
        var zones = ZoneLoader.Load(Path.Combine(inputs.BaseFolder, "zones"), Located(options.Zones, inputs.BaseFolder), StateFolder(inputs), inputs.PreviousZones);
        foreach (var error in zones.Errors)
        {
            errors.Add(error.ToString());
        }

        if (errors.Any || flowRules is null || queryRules is null || !zones.IsLoaded)
        {
            groups.ForEach(group => group.Dispose());
            return null;
        }

        return Assemble(options, inputs, groups, SystemGroup(registry, groups), flowRules, queryRules, lists, zones);
    }

    private static ProxyPlan Assemble(
        ProxyOptions options, PlanInputs inputs, List<UpstreamGroup> groups, UpstreamGroup system, FlowRuleSet flowRules, RuleSet queryRules, ListSet lists,
        ZoneLoadResult zones) => new()
        {
            FlowRules = flowRules,
            QueryRules = queryRules,
            Lists = lists,
            Zones = zones.Store!,
            Transfers = zones.Transfers!,
            Groups = groups.Contains(system) || !flowRules.Rules.Any(rule => rule.Verdict == FlowVerdict.Pass) ? [.. groups] : [.. groups, system],
            Forwarding = new ForwardingPlan
            {
                Engine = DefaultEngine.Build(queryRules, zones, inputs.Cache, inputs.Clock.Time),
                FlowHandler = inputs.FlowHandler,
                Groups = [.. groups],
                SystemGroup = system,
                Access = [.. inputs.Listeners.Select(name => Access(options, name))],
            },
        };

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
    private static string StateFolder(PlanInputs inputs) =>
        Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } folder ? folder.Split(':')[0] : Path.Combine(inputs.BaseFolder, "state");

    private static NetworkSet Access(ProxyOptions options, string listener)
        => new(options.Listeners.TryGetValue(listener, out var own) ? own.Allow : NetworkSet.LoopbackAndPrivate);

    private static PolicyInputs MakeInputs(ProxyOptions options, PlanInputs inputs, QueryActionCatalog actions, Dictionary<string, ForwardTarget> targets, ListSet lists) => new()
    {
        Listeners = inputs.Listeners,
        Groups = targets,
        Clients = options.Clients,
        Schedules = new ScheduleClock(options.Schedules, inputs.Clock),
        Neighbours = inputs.Neighbours,
        Blocking = options.Blocking,
        Actions = actions,
        Lists = lists,
    };

    private static ListPlace Place(ProxyOptions options, PlanInputs inputs) => new(
        inputs.BaseFolder, new ListCopies(Path.Combine(StateFolder(inputs), "lists")), MemoryPlan.Of(options).Lists,
        [.. options.Bootstrap.Servers.Select(static server => EndpointText.TryParse(server, out var endpoint, out _) ? new IPEndPoint(endpoint.Address, endpoint.Port) : null).OfType<IPEndPoint>()]);

    private PolicyInputs Policy(ProxyOptions options, PlanInputs inputs, List<UpstreamGroup> groups, ListSet lists)
    {
        var targets = new Dictionary<string, ForwardTarget>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < groups.Count; i++)
        {
            targets[groups[i].Name] = new ForwardTarget(i, groups[i].Partition);
        }

        return MakeInputs(options, inputs, Actions, targets, lists);
    }

    private List<UpstreamGroup> Groups(ProxyOptions options, UpstreamRegistry registry, SettingsErrors errors)
    {
        var groups = new List<UpstreamGroup>();
        foreach (var (name, group) in options.Upstreams)
        {
            var problems = new List<string>();
            if (registry.Create(name, Partition(name), group, problems) is { } made)
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

    private UpstreamGroup SystemGroup(UpstreamRegistry registry, List<UpstreamGroup> groups)
        => groups.Find(group => string.Equals(group.Name, SystemGroupName, StringComparison.OrdinalIgnoreCase))
            ?? registry.Create(SystemGroupName, Partition(SystemGroupName), new UpstreamGroupOptions { Servers = ["system:"] }, [])!;

    private uint Partition(string group)
    {
        if (!_partitions.TryGetValue(group, out var partition))
        {
            partition = (uint)_partitions.Count + 1;
            _partitions[group] = partition;
        }

        return partition;
    }
}
