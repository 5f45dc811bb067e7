using DnsFlow.Flows;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Transports.Tcp;

namespace DnsFlow.Server.Listening;

/// <summary>One address that is listened on.</summary>
/// <param name="Wanted">What the configuration asks for.</param>
/// <param name="Address">The address with its real port.</param>
/// <param name="HasDatagrams">Whether UDP is spoken there.</param>
/// <param name="Streams">What accepts connections there; null when none are.</param>
/// <param name="Protocol">What is spoken on them.</param>
internal sealed record BoundListener(ListenerEndpoint Wanted, FlowEndpoint Address, bool HasDatagrams, TcpStreamListener? Streams, IStreamProtocol? Protocol)
{
    /// <summary>The address for people.</summary>
    public ListenerSummary Summarize() => new(
        Wanted.Name, Address.ToIPEndPoint(), [.. HasDatagrams ? ["udp"] : Array.Empty<string>(), .. Protocol is { } protocol ? [StatsNames.TransportNames[(int)protocol.Transport]] : Array.Empty<string>()]);
}
