using System.Net;
using DnsFlow.Flows;

namespace DnsFlow.Policy;

/// <summary>What a rule asks of a flow. What is not set does not matter; everything that is set must match.</summary>
public class FlowConditionOptions
{
    /// <summary>Names of listeners; empty = any.</summary>
    public IReadOnlyList<string> Listener { get; set; } = [];

    /// <summary>Networks the client's address is in; empty = any.</summary>
    public IReadOnlyList<IPNetwork> From { get; set; } = [];

    /// <summary>Networks the client's address is not in.</summary>
    public IReadOnlyList<IPNetwork> NotFrom { get; set; } = [];

    /// <summary>Clients by their networks; empty = any.</summary>
    public IReadOnlyList<IPNetwork> Clients { get; set; } = [];

    /// <summary>Clients that are not meant.</summary>
    public IReadOnlyList<IPNetwork> NotClients { get; set; } = [];

    /// <summary>The transport; null = any.</summary>
    public FlowTransport? Transport { get; set; }
}
