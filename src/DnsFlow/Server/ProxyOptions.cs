using DnsFlow.Caching;
using DnsFlow.Clients;
using DnsFlow.Limits;
using DnsFlow.Lists;
using DnsFlow.Policy;
using DnsFlow.Queries;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Settings;
using DnsFlow.Upstreams;
using DnsFlow.Zones;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.Server;

/// <summary>Everything that can be configured (the section <c>DnsFlow</c>). Names ignore letter case.</summary>
public sealed class ProxyOptions
{
    /// <summary>The listener there is when none is configured.</summary>
    public const string DefaultListener = "local";

    /// <summary>The upstream group that queries go to when no rule says otherwise; unless configured it asks what the system would.</summary>
    public const string DefaultGroup = "default";

    /// <summary>The listeners by name, in the order of their indexes.</summary>
    public SortedDictionary<string, ListenerOptions> Listeners { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Data-plane threads; 0 = one per core. Range 0 to 256.</summary>
    public int Shards { get; set; }

    /// <summary>
    /// How long a shard with little to do sleeps after it has worked, so that more is there when it wakes, in microseconds; 0 = not at all. Range 0 to 1,000.
    /// </summary>
    public int CoalesceMicroseconds { get; set; }

    /// <summary>Who resolves the names that the proxy itself needs.</summary>
    public BootstrapOptions Bootstrap { get; set; } = new();

    /// <summary>The upstream groups by name.</summary>
    public SortedDictionary<string, UpstreamGroupOptions> Upstreams { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sets of clients that rules mean by name.</summary>
    public SortedDictionary<string, ClientSetOptions> Clients { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Times of the week that rules mean by name; at most <see cref="ScheduleClock.MaxSchedules"/>.</summary>
    public SortedDictionary<string, ScheduleOptions> Schedules { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The rules on new flows; none = every flow is claimed.</summary>
    public IReadOnlyList<FlowRuleOptions> FlowRules { get; set; } = [];

    /// <summary>The rules on queries; none = everything is forwarded to <see cref="DefaultGroup"/>.</summary>
    public IReadOnlyList<QueryRuleOptions> QueryRules { get; set; } = [];

    /// <summary>The rules on answers of upstreams, on their way back; an answer that none decides about goes as it is.</summary>
    public IReadOnlyList<QueryRuleOptions> AnswerRules { get; set; } = [];

    /// <summary>Zones and hosts files answered from here, by name, beside the files <c>zones/*.zone</c>.</summary>
    public SortedDictionary<string, ZoneOptions> Zones { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Lists that rules can ask, by name.</summary>
    public SortedDictionary<string, ListOptions> Lists { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How blocked queries are answered.</summary>
    public BlockingOptions Blocking { get; set; } = new();

    /// <summary>The response cache.</summary>
    public CacheOptions Cache { get; set; } = new();

    /// <summary>DNS cookies for clients.</summary>
    public CookieOptions Cookies { get; set; } = new();

    /// <summary>The bounds.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>The statistics.</summary>
    public StatsOptions Stats { get; set; } = new();

    /// <summary>Whether a program that reads its own files reads them anew when one has changed. Default true.</summary>
    public bool ReloadOnChange { get; set; } = true;

    /// <summary>The path of the section, for errors.</summary>
    internal string Path { get; set; } = "DnsFlow";

    /// <summary>What was read, as it was written; nothing when the options were made in code.</summary>
    internal SettingsNode Tree { get; private set; } = new("DnsFlow", null, null, []);

    /// <summary>
    /// Reads and checks a configuration and fills in the defaults. False when anything is wrong: <paramref name="errors"/> then has every error with its path;
    /// <paramref name="options"/> has what could be read.
    /// </summary>
    /// <param name="section">The section <c>DnsFlow</c>, or the root it is in.</param>
    /// <param name="options">What was read.</param>
    /// <param name="errors">Where errors are noted.</param>
    /// <param name="root">The root of <paramref name="section"/>: with it a list in a later layer replaces the list of an earlier one, and errors name their file.</param>
    /// <param name="actions">The actions rules can name; null = those of this library.</param>
    public static bool TryRead(
        IConfiguration section, out ProxyOptions options, SettingsErrors errors, IConfigurationRoot? root = null, QueryActionCatalog? actions = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(errors);
        var before = errors.Count;
        options = new ProxyOptions();
        var reader = SettingsReader.Open(section, errors, root);
        options.Path = reader.Path;
        options.Tree = reader.Node ?? options.Tree;
        LimitProfiles.Apply(options, reader, ProcessMemory.Available);
        reader.Read(ProxySettings.Shape, options);
        LimitProfiles.Cap(options, ProcessMemory.Available);
        options.Check(errors, actions);
        return errors.Count == before;
    }

    /// <summary>
    /// Fills in what is missing (a listener, the default group) and notes everything that does not fit together. False when something does not.
    /// For options made or changed in code.
    /// </summary>
    public bool Check(SettingsErrors errors, QueryActionCatalog? actions = null)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var before = errors.Count;
        Complete();
        new ProxyOptionsCheck(this, errors).Run(actions ?? QueryActionCatalog.BuiltIn);
        return errors.Count == before;
    }

    /// <summary>Takes over from the options of a running proxy what is only set at a start.</summary>
    internal void KeepFromStart(ProxyOptions running)
    {
        Shards = running.Shards;
        Cache = running.Cache;
        Limits = running.Limits;
        Stats = running.Stats;
    }

    private void Complete()
    {
        if (Listeners.Count == 0)
        {
            Listeners.Add(DefaultListener, new ListenerOptions());
        }

        if (!Upstreams.ContainsKey(DefaultGroup))
        {
            Upstreams.Add(DefaultGroup, new UpstreamGroupOptions { Servers = ["system:"] });
        }
    }
}
