using DnsFlow.Flows;
using DnsFlow.Queries;

namespace DnsFlow.Lists;

/// <summary>
/// The entries of one list on clients: those of its exceptions, and those of the list, of which the longest prefix decides. Immutable; allocates nothing when asked, and
/// costs two binary searches however many there are.
/// </summary>
internal sealed class ClientTriggers
{
    private readonly ListData _list;
    private readonly TriggerNetworks _always;
    private readonly TriggerNetworks _networks;

    /// <summary>Makes them of a list's entries.</summary>
    public ClientTriggers(ListData list)
    {
        _list = list;
        _always = new TriggerNetworks(list.Clients, static entry => entry.IsAlways);
        _networks = new TriggerNetworks(list.Clients, static entry => !entry.IsAlways);
    }

    /// <summary>Whether the list leaves a client alone, whatever else it says.</summary>
    public bool IsNever(in FlowFacts flow) => _always.Find(flow.Client) >= 0;

    /// <summary>What the entry for a client decides: whether the list matches, and how; null = no entry is about the client.</summary>
    public bool? Decide(in FlowFacts flow, out ListMatch match)
    {
        match = default;
        if (_networks.Find(flow.Client) is not (>= 0 and var number))
        {
            return null;
        }

        var entry = _list.Clients[number];
        if ((entry.Flags & EntryFlags.Exception) == 0 && !entry.Detail.LetsPass(flow))
        {
            match = new ListMatch(_list, ~(_list.Patterns.Length + number), entry.Detail.Answer);
        }

        return match.IsMatch;
    }
}
