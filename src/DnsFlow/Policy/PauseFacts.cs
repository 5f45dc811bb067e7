using DnsFlow.Flows;
using DnsFlow.Queries;

namespace DnsFlow.Policy;

/// <summary>What is paused at the moment of one query: a fact that rules are decided with, like the others.</summary>
/// <param name="set">What is paused; null = nothing.</param>
/// <param name="now">The monotonic time.</param>
/// <param name="trace">The rehearsal, which has a time of its own; null on the live path.</param>
internal readonly struct PauseFacts(PausedSet? set, long now, QueryTrace? trace)
{
    /// <summary>The pause of a rule; null = it is not paused.</summary>
    public PauseEntry? FindRule(int rule, in FlowEndpoint client) => set?.FindRule(rule, client, now, trace?.At);

    /// <summary>Whether a list is paused.</summary>
    public bool HasList(int list, in FlowEndpoint client) => set?.FindList(list, client, now, trace?.At) is not null;
}
