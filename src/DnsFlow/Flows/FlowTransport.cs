namespace DnsFlow.Flows;

/// <summary>What carries a flow.</summary>
public enum FlowTransport : byte
{
    /// <summary>Datagrams over UDP.</summary>
    Udp,

    /// <summary>A TCP connection (RFC 7766).</summary>
    Tcp,

    /// <summary>DNS over TLS (RFC 7858).</summary>
    Tls,

    /// <summary>DNS over HTTPS (RFC 8484).</summary>
    Https,
}
