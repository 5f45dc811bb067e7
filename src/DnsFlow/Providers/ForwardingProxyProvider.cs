using DnsFlow.Flows;
using DnsFlow.Policy;

namespace DnsFlow.Providers;

/// <summary>
/// The default provider: flow rules give the verdict, and the proxy copies what is claimed through rules, zones, cache and upstreams.
/// Derive from it and override <see cref="HandleNewFlowAsync"/> to decide about some flows in code; call the base for the others.
/// </summary>
public class ForwardingProxyProvider : DnsProxyProvider
{
    private readonly bool _isDerived;
    private volatile FlowRuleSet _rules = FlowRuleSet.ClaimAll;

    /// <summary>Makes the provider; it claims every flow until it is given rules.</summary>
    public ForwardingProxyProvider() => _isDerived = GetType() != typeof(ForwardingProxyProvider);

    /// <summary>The rules in force; open flows keep the verdict they had.</summary>
    internal FlowRuleSet Rules
    {
        get => _rules;
        set => _rules = value;
    }

    /// <summary>Whether the rules alone decide, and no code of a host's.</summary>
    internal bool DecidesByRules => !_isDerived;

    internal override bool UsesProxyCopier => true;

    /// <inheritdoc/>
    public override ValueTask<FlowVerdict> HandleNewFlowAsync(ProxyFlow flow, CancellationToken cancellationToken)
        => ValueTask.FromResult(_rules.Apply(flow.Facts));

    internal override bool TryDecide(in FlowFacts facts, out FlowVerdict verdict)
    {
        verdict = _isDerived ? default : _rules.Apply(facts);
        return !_isDerived;
    }
}
