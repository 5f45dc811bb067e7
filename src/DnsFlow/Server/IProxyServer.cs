using DnsFlow.Clients;
using DnsFlow.Names;
using DnsFlow.Server.Explaining;
using DnsFlow.Server.Plans;
using DnsFlow.Telemetry;

namespace DnsFlow.Server;

/// <summary>A DNS proxy from its start to its end. Thread safe; started once and stopped once.</summary>
public interface IProxyServer
{
    /// <summary>
    /// Binds the listeners and begins to answer. Throws <see cref="ServerStartException"/> when it cannot, and then holds no socket.
    /// </summary>
    ValueTask StartAsync(CancellationToken cancellationToken);

    /// <summary>Takes no new flows, answers what is in flight (3 s at most) and closes everything. Does nothing when not started.</summary>
    ValueTask StopAsync(ServerStopReason reason, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the configuration anew and puts it in force without losing a query; or refuses it whole, with every error, and changes nothing.
    /// <paramref name="cause"/> says who asked, for the log.
    /// </summary>
    ValueTask<ReloadReport> ReloadAsync(string cause, CancellationToken cancellationToken);

    /// <summary>Judges what a reload with another configuration would do, and changes nothing. New addresses are bound for a moment to see whether they can be.</summary>
    ValueTask<ReloadReport> CheckAsync(IProxyConfigurationSource candidate, CancellationToken cancellationToken);

    /// <summary>Which configuration is in force, and how the last reload ended.</summary>
    ConfigurationStatus Configuration { get; }

    /// <summary>The configuration in force as one JSON document, secrets masked.</summary>
    string ConfigurationDocument { get; }

    /// <summary>What was counted since the start.</summary>
    StatsSnapshot Snapshot();

    /// <summary>Whether the proxy can do its work, and what is missing if not.</summary>
    ReadinessReport Readiness();

    /// <summary>
    /// What would become of a query and why, by the rules in force and by what the cache holds now. Nothing is sent and nothing is counted. Null when the proxy is
    /// not running.
    /// </summary>
    Explanation? Explain(ExplainQuestion question);

    /// <summary>The lists and rules that do not match for a while, what ends first in front.</summary>
    IReadOnlyList<PauseStats> Pauses { get; }

    /// <summary>
    /// Lets the list, the query rules and the answer rules of a name not match until a time is over, whatever is reloaded meanwhile. Returns why that cannot be, or null.
    /// </summary>
    /// <param name="name">The name; letter case does not matter. Not that of the last query rule.</param>
    /// <param name="clients">For this client, network or set of clients alone, whose members the configuration in force says; null = for everybody.</param>
    /// <param name="time">How long: a day at most.</param>
    string? Pause(string name, ClientReference? clients, TimeSpan time);

    /// <summary>Ends a pause; false when there is none for this name and these clients.</summary>
    bool EndPause(string name, ClientReference? clients);

    /// <summary>The flows that have not ended, those that were active last in front, a thousand at most.</summary>
    Task<IReadOnlyList<FlowReport>> FlowsAsync(CancellationToken cancellationToken);

    /// <summary>Ends a flow at once, whatever is in flight on it; false when there is none of this id.</summary>
    Task<bool> CloseFlowAsync(string id, CancellationToken cancellationToken);

    /// <summary>Forgets the cached responses to questions for some names (null = all) and returns how many: no answer from before comes out of the cache after that.</summary>
    Task<long> FlushCacheAsync(NamePattern? names, CancellationToken cancellationToken);

    /// <summary>The last queries of the query log, a JSON object each, the newest first; null when it is not kept in memory.</summary>
    IReadOnlyList<string>? LastQueries(int max);

    /// <summary>The rules in force, those on flows first, then those on queries and on answers.</summary>
    IReadOnlyList<RuleReport> DescribeRules();

    /// <summary>Where it listens, whom it asks, what it serves; for the first lines a person sees. Filled after the start.</summary>
    ServerSummary Describe();
}
