using System.Net;
using DnsFlow.Flows;

namespace DnsFlow.Policy;

/// <summary>The compiled conditions on a flow. Immutable; allocates nothing when asked.</summary>
internal sealed class FlowMatch
{
    private readonly bool[]? _listeners;
    private readonly FlowTransport? _transport;
    private readonly NetworkSet? _from;
    private readonly NetworkSet? _notFrom;
    private readonly NetworkSet? _clients;
    private readonly NetworkSet? _notClients;

    /// <summary>Compiles conditions; <paramref name="listeners"/> says for each listener of the plan whether it is meant, null = all are.</summary>
    public FlowMatch(FlowConditionOptions options, bool[]? listeners, FlowTransport? transport)
    {
        _listeners = listeners;
        _transport = transport;
        _from = Compile(options.From);
        _notFrom = Compile(options.NotFrom);
        _clients = Compile(options.Clients);
        _notClients = Compile(options.NotClients);
    }

    /// <summary>Whether every flow matches.</summary>
    public bool IsAlways => _listeners is null && _transport is null && _from is null && _notFrom is null && _clients is null && _notClients is null;

    /// <summary>The first condition that is not met.</summary>
    public RuleMiss Find(in FlowFacts facts)
    {
        if (_listeners is not null && !((uint)facts.Listener < (uint)_listeners.Length && _listeners[facts.Listener]))
        {
            return RuleMiss.Listener;
        }

        if (_transport is { } transport && transport != facts.Transport)
        {
            return RuleMiss.Transport;
        }

        var client = facts.Client;
        return _from is not null && !_from.Contains(client) ? RuleMiss.From
            : _notFrom is not null && _notFrom.Contains(client) ? RuleMiss.NotFrom
            : _clients is not null && !_clients.Contains(client) ? RuleMiss.Clients
            : _notClients is not null && _notClients.Contains(client) ? RuleMiss.NotClients
            : RuleMiss.None;
    }

    private static NetworkSet? Compile(IReadOnlyList<IPNetwork> networks) => networks.Count == 0 ? null : new NetworkSet(networks);
}
