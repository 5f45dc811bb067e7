using System.Net;
using DnsFlow.Flows;

namespace DnsFlow.Server;

/// <summary>One listener (<c>DnsFlow:Listeners:NAME</c>).</summary>
public sealed class ListenerOptions
{
    /// <summary>
    /// The addresses: <c>127.0.0.1:53</c> (UDP and TCP), <c>udp://192.168.1.2</c>, <c>tcp://[::1]:5353</c>; port 53 unless given, 0 = any that is free.
    /// Empty = 127.0.0.1 and ::1, on port 53 when that is allowed, else 1053.
    /// </summary>
    public IReadOnlyList<string> Endpoints { get; set; } = [];

    /// <summary>The networks that may ask; others get silence on UDP and a closed connection on TCP. Default: loopback and private networks.</summary>
    public IReadOnlyList<IPNetwork> Allow { get; set; } = NetworkSet.LoopbackAndPrivate;

    /// <summary>Whether the proxy needs it to be ready and to start. Default true.</summary>
    public bool Required { get; set; } = true;
}
