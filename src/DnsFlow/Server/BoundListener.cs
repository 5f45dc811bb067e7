using DnsFlow.Flows;
using DnsFlow.Transports;

namespace DnsFlow.Server;

/// <summary>One address that is listened on.</summary>
/// <param name="Wanted">What the configuration asks for.</param>
/// <param name="Address">The address with its real port.</param>
/// <param name="HasDatagrams">Whether UDP is spoken there.</param>
/// <param name="Streams">What accepts connections there; null when TCP is not spoken.</param>
internal sealed record BoundListener(ListenerEndpoint Wanted, FlowEndpoint Address, bool HasDatagrams, IStreamListener? Streams)
{
    /// <summary>The address for people.</summary>
    public ListenerSummary Summarize()
        => new(Wanted.Name, Address.ToIPEndPoint(), [.. HasDatagrams ? ["udp"] : Array.Empty<string>(), .. Streams is not null ? ["tcp"] : Array.Empty<string>()]);
}
