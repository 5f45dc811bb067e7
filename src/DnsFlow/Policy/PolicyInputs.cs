using DnsFlow.Clients;
using DnsFlow.Names;
using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>What rules refer to, and what they are compiled with.</summary>
public sealed class PolicyInputs
{
    /// <summary>The names of the listeners in the order of their indexes in the plan.</summary>
    public required IReadOnlyList<string> Listeners { get; init; }

    /// <summary>The upstream groups by name; its comparer says whether letter case matters.</summary>
    public required IReadOnlyDictionary<string, ForwardTarget> Groups { get; init; }

    /// <summary>The sets of clients by name; its comparer says whether letter case matters.</summary>
    public IReadOnlyDictionary<string, ClientSetOptions> Clients { get; init; } = new Dictionary<string, ClientSetOptions>();

    /// <summary>The schedules.</summary>
    public ScheduleClock Schedules { get; init; } = ScheduleClock.None;

    /// <summary>The hardware addresses of clients; null = none are known.</summary>
    internal NeighbourTable? Neighbours { get; init; }

    /// <summary>The lists.</summary>
    public INameLists Lists { get; init; } = NoLists.None;

    /// <summary>How blocked queries are answered.</summary>
    public BlockingOptions Blocking { get; init; } = new();

    /// <summary>The actions that rules can name.</summary>
    public QueryActionCatalog Actions { get; init; } = QueryActionCatalog.BuiltIn;

    /// <summary>The counters of flow rules.</summary>
    public RuleCounters FlowRuleCounters { get; init; } = new();

    /// <summary>The counters of query rules.</summary>
    public RuleCounters QueryRuleCounters { get; init; } = new();

    /// <summary>The counters of answer rules.</summary>
    public RuleCounters AnswerRuleCounters { get; init; } = new();

    /// <summary>The group of the rule that is added when there is none.</summary>
    public string DefaultGroup { get; init; } = "default";

    /// <summary>The path of the section, for errors.</summary>
    public string Path { get; init; } = "DnsFlow";
}
