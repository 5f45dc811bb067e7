using System.Net;
using System.Net.Sockets;
using DnsFlow.Settings;

namespace DnsFlow.Server.Listening;

/// <summary>The addresses that a configuration listens on: no two listeners have the same one, and no server that is asked is one of them. For one thread.</summary>
internal sealed class ConfiguredEndpoints
{
    private readonly List<(string Listener, EndpointText Endpoint)> _endpoints = [];

    /// <summary>Adds an address of a listener; the listener that has it already, null = none.</summary>
    public string? Add(string listener, EndpointText endpoint)
    {
        var other = endpoint.Port == 0
            ? default
            : _endpoints.Find(known => known.Endpoint.Port == endpoint.Port && known.Endpoint.Address.Equals(endpoint.Address) && Overlap(known.Endpoint, endpoint));
        _endpoints.Add((listener, endpoint));
        return other.Listener;
    }

    /// <summary>The listener that gets what is sent to a server; null = none. Over TLS and HTTPS that is one of the same scheme.</summary>
    public string? FindReached(EndpointText server, bool isEncrypted) => _endpoints.Find(own => own.Endpoint.Port == server.Port
        && (isEncrypted ? own.Endpoint.Scheme == server.Scheme : Overlap(own.Endpoint, server)) && Reaches(own.Endpoint.Address, server.Address)).Listener;

    private static bool Overlap(EndpointText left, EndpointText right) => (left.HasUdp && right.HasUdp) || (IsStream(left) && IsStream(right));

    private static bool IsStream(EndpointText endpoint) => endpoint.Scheme != "udp";

    // A wildcard listener gets what is sent to loopback; the IPv6 wildcard gets IPv4 too. Other addresses of this machine are known at the start only.
    private static bool Reaches(IPAddress listener, IPAddress server) =>
        listener.Equals(server)
        || ((IPAddress.IsLoopback(server) || IsAny(server))
            && (listener.Equals(IPAddress.IPv6Any) || (listener.Equals(IPAddress.Any) && server.AddressFamily == AddressFamily.InterNetwork)))
        || (IsAny(server) && IPAddress.IsLoopback(listener) && listener.AddressFamily == server.AddressFamily);

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
