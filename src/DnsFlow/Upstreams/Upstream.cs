using DnsFlow.Flows;

namespace DnsFlow.Upstreams;

/// <summary>One server of a group.</summary>
internal sealed class Upstream(int id, string name, FlowEndpoint endpoint, bool usesDatagrams)
{
    /// <summary>A small number, unique while the process lives; shards index their sockets by it.</summary>
    public int Id { get; } = id;

    /// <summary>The server as configured, for people.</summary>
    public string Name { get; } = name;

    /// <summary>Its address and port.</summary>
    public FlowEndpoint Endpoint { get; } = endpoint;

    /// <summary>Whether the first attempt is a datagram (plain and <c>udp://</c>) or goes straight to a stream (<c>tcp://</c>).</summary>
    public bool UsesDatagrams { get; } = usesDatagrams;
}
