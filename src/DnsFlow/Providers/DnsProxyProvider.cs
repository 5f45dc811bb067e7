using DnsFlow.Flows;

namespace DnsFlow.Providers;

/// <summary>
/// A provider for DNS flows. A flow it does not claim stays closed: silence on UDP, a reset on TCP. A provider that derives from this class copies the flows it
/// claims by itself, with <see cref="ProxyFlow.OpenAsync"/> and the flow's reads and writes; derive from <see cref="ForwardingProxyProvider"/> to
/// decide about flows only.
/// </summary>
public abstract class DnsProxyProvider : FlowProvider
{
    internal override FlowVerdict DefaultVerdict => FlowVerdict.Discard;
}
