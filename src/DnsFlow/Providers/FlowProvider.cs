using DnsFlow.Flows;

namespace DnsFlow.Providers;

/// <summary>
/// Base of all providers: who is offered every new flow. Members are called one at a time, but for <see cref="HandleNewFlowAsync"/>, which is
/// called concurrently, once for each flow.
/// </summary>
public abstract class FlowProvider
{
    private readonly TaskCompletionSource<Exception?> _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private protected FlowProvider()
    {
    }

    /// <summary>The verdict when the provider throws or does not answer within 250 ms.</summary>
    internal abstract FlowVerdict DefaultVerdict { get; }

    /// <summary>Whether claimed flows are copied by the proxy (true) or by the provider, which then opens, reads, writes and closes them.</summary>
    internal virtual bool UsesProxyCopier => false;

    /// <summary>Completes when the provider has ended itself.</summary>
    internal Task<Exception?> Cancelled => _cancelled.Task;

    /// <summary>Called once, before the first flow is handed over. A start that throws ends the start of the proxy.</summary>
    public virtual ValueTask StartProxyAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Called once, after the last flow was handed over.</summary>
    public virtual ValueTask StopProxyAsync(ProviderStopReason reason, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Decides about one new flow, which is closed: its metadata can be read, nothing can be written. It may wait but must not block the calling thread,
    /// which is the data plane's. Throwing, or not answering within 250 ms, counts as the provider's default verdict.
    /// </summary>
    public abstract ValueTask<FlowVerdict> HandleNewFlowAsync(ProxyFlow flow, CancellationToken cancellationToken);

    /// <summary>Decides about a new datagram flow; by default <see cref="HandleNewFlowAsync"/> does.</summary>
    public virtual ValueTask<FlowVerdict> HandleNewDatagramFlowAsync(DatagramFlow flow, FlowEndpoint initialRemote, CancellationToken cancellationToken)
        => HandleNewFlowAsync(flow, cancellationToken);

    /// <summary>Decides from the facts alone when it can; see <see cref="IFlowHandler.TryDecide"/>.</summary>
    internal virtual bool TryDecide(in FlowFacts facts, out FlowVerdict verdict)
    {
        verdict = default;
        return false;
    }

    /// <summary>Ends the proxy from within, with the error that makes it necessary. Idempotent; the first error wins.</summary>
    protected internal void CancelProxy(Exception? error) => _cancelled.TrySetResult(error);
}
