using DnsFlow.Flows;

namespace DnsFlow.Service.Captures;

/// <summary>A DNS message found in a capture; its octets are valid until the sink returns.</summary>
internal readonly ref struct CapturedMessage
{
    /// <summary>When it was captured; null when the capture does not say.</summary>
    public required DateTimeOffset? Time { get; init; }

    /// <summary>Who sent it.</summary>
    public required FlowEndpoint Source { get; init; }

    /// <summary>Where it was sent.</summary>
    public required FlowEndpoint Destination { get; init; }

    /// <summary>What carried it.</summary>
    public required FlowTransport Transport { get; init; }

    /// <summary>The name of the listener it came to; null when the capture does not say.</summary>
    public string? Listener { get; init; }

    /// <summary>The message in wire form.</summary>
    public required ReadOnlySpan<byte> Octets { get; init; }
}
