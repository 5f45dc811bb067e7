namespace DnsFlow.Flows;

/// <summary>Who gives the verdict on new flows. The layers below the providers ask through it.</summary>
public interface IFlowHandler
{
    /// <summary>The verdict when the handler throws or takes longer than 250 ms.</summary>
    FlowVerdict DefaultVerdict { get; }

    /// <summary>Whether claimed flows are copied by the proxy's own copiers (true) or by the handler itself (false).</summary>
    bool UsesProxyCopier { get; }

    /// <summary>
    /// Decides at once from the facts alone, without a flow object. Returns false when the handler needs the object:
    /// then <see cref="HandleNewFlowAsync"/> is called. Called on data-plane threads; must not block and must not throw.
    /// </summary>
    bool TryDecide(in FlowFacts facts, out FlowVerdict verdict);

    /// <summary>Decides about one new flow. Called concurrently, once for each flow.</summary>
    ValueTask<FlowVerdict> HandleNewFlowAsync(ProxyFlow flow, CancellationToken cancellationToken);
}
