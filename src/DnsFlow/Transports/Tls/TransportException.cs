using DnsFlow.Flows;

namespace DnsFlow.Transports.Tls;

/// <summary>What a transport below the framework's TLS said.</summary>
internal sealed class TransportException(FlowError error) : IOException(error.ToString())
{
    /// <summary>The error.</summary>
    public FlowError Error => error;
}
