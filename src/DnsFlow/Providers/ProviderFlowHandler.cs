using DnsFlow.Flows;
using DnsFlow.Policy;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Providers;

/// <summary>Asks a provider on behalf of the layers below, and holds it to its contract: no exception and no answer later than 250 ms come out.</summary>
/// <param name="provider">The provider.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
/// <param name="rules">
/// The flow rules of the plan this handler belongs to; where rules alone decide they are asked here, so that flow rules and query rules change
/// in one moment.
/// </param>
internal sealed partial class ProviderFlowHandler(FlowProvider provider, TimeProvider time, ILogger logger, FlowRuleSet? rules = null) : IFlowHandler
{
    private readonly FlowRuleSet? _rules = provider is ForwardingProxyProvider { DecidesByRules: true } ? rules : null;

    /// <summary>How long a provider may take to decide.</summary>
    public static readonly TimeSpan DecisionTimeout = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc/>
    public FlowVerdict DefaultVerdict => provider.DefaultVerdict;

    /// <inheritdoc/>
    public bool UsesProxyCopier => provider.UsesProxyCopier;

    /// <inheritdoc/>
    public bool TryDecide(in FlowFacts facts, out FlowVerdict verdict)
    {
        if (_rules is null)
        {
            return provider.TryDecide(facts, out verdict);
        }

        verdict = _rules.Apply(facts);
        return true;
    }

    /// <inheritdoc/>
    public ValueTask<FlowVerdict> HandleNewFlowAsync(ProxyFlow flow, CancellationToken cancellationToken)
    {
        try
        {
            var decision = flow is DatagramFlow datagrams
                ? provider.HandleNewDatagramFlowAsync(datagrams, flow.RemoteEndpoint, cancellationToken)
                : provider.HandleNewFlowAsync(flow, cancellationToken);
            return decision.IsCompletedSuccessfully ? decision : new ValueTask<FlowVerdict>(WaitAsync(decision, flow, cancellationToken));
        }
        catch (Exception exception)
        {
            Log.ProviderThrew(logger, flow.Id, DefaultVerdict, exception);
            return ValueTask.FromResult(DefaultVerdict);
        }
    }

    private async Task<FlowVerdict> WaitAsync(ValueTask<FlowVerdict> decision, ProxyFlow flow, CancellationToken cancellationToken)
    {
        try
        {
            return await decision.AsTask().WaitAsync(DecisionTimeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.ProviderLate(logger, flow.Id, DefaultVerdict);
        }
        catch (Exception exception)
        {
            Log.ProviderThrew(logger, flow.Id, DefaultVerdict, exception);
        }

        return DefaultVerdict;
    }

    private static partial class Log
    {
        [LoggerMessage(600, LogLevel.Warning, "The provider threw about flow {Flow}; its default verdict {Verdict} holds.")]
        public static partial void ProviderThrew(ILogger logger, long flow, FlowVerdict verdict, Exception exception);

        [LoggerMessage(601, LogLevel.Warning, "The provider did not decide about flow {Flow} within 250 ms; its default verdict {Verdict} holds.")]
        public static partial void ProviderLate(ILogger logger, long flow, FlowVerdict verdict);
    }
}
