using DnsFlow.Flows;

namespace DnsFlow.TestKit;

/// <summary>Gives one verdict on every flow, at once.</summary>
public sealed class FixedFlowHandler(FlowVerdict always) : IFlowHandler
{
    public FlowVerdict DefaultVerdict => FlowVerdict.Discard;

    public bool UsesProxyCopier => true;

    public bool TryDecide(in FlowFacts facts, out FlowVerdict verdict)
    {
        verdict = always;
        return true;
    }

    public ValueTask<FlowVerdict> HandleNewFlowAsync(ProxyFlow flow, CancellationToken cancellationToken) => ValueTask.FromResult(always);
}
