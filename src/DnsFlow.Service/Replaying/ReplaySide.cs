using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Server;

namespace DnsFlow.Service.Replaying;

/// <summary>One of the two configurations that are compared, and what it says of the query in hand.</summary>
internal sealed class ReplaySide(ProxyPolicy plan, string? listener)
{
    private readonly byte[] _response = new byte[ushort.MaxValue];
    private readonly int _listener = listener is null ? 0 : IndexOf(plan, listener);
    private int _length;

    /// <summary>The decision.</summary>
    public PolicyDecision Decision { get; private set; }

    /// <summary>The answer, if it answers by itself.</summary>
    public ReadOnlySpan<byte> Response => _response.AsSpan(0, _length);

    /// <summary>The index of a listener; -1 when the configuration has none of that name.</summary>
    public static int IndexOf(ProxyPolicy plan, string name)
    {
        for (var i = 0; i < plan.Listeners.Count; i++)
        {
            if (string.Equals(plan.Listeners[i], name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Decides about a query.</summary>
    public void Decide(ReadOnlySpan<byte> query, in FlowKey flow, string? cameTo, DateTimeOffset at)
    {
        var index = cameTo is null ? _listener : Math.Max(0, IndexOf(plan, cameTo));
        Decision = plan.Decide(query, new FlowFacts(flow, index), at, _response, out _length);
    }

    /// <summary>Whether a client would notice no difference: the same verdict, the same group, the same octets.</summary>
    public bool HasSameEffect(ReplaySide other)
    {
        var (left, right) = (Decision, other.Decision);
        return left.Verdict == right.Verdict && left.Result == right.Result && left.BypassesCache == right.BypassesCache
            && (left.Result != StepResult.Forward || GroupOf(left) == other.GroupOf(right))
            && Response.SequenceEqual(other.Response);
    }

    /// <summary>A decision in words: what is done, and by which rule.</summary>
    public ReplayDecision Describe(in PolicyDecision decision)
    {
        if (decision.Verdict != FlowVerdict.Claim)
        {
            return new ReplayDecision(decision.Verdict.ToString().ToLowerInvariant(), null, plan.FlowRules.Rules[decision.FlowRule].Name, "flow rule");
        }

        var rule = decision.QueryRule >= 0 ? plan.QueryRules.Rules[decision.QueryRule] : null;
        var action = decision.Step is "policy" && rule is not null ? rule.ActionName : decision.Result == StepResult.Forward ? "forward" : decision.Step ?? "refuse";
        var detail = decision.Result switch
        {
            StepResult.Forward => GroupOf(decision) + (decision.BypassesCache ? ", not cached" : ""),
            StepResult.Answered => decision.Code.ToText(),
            _ => null,
        };
        return new ReplayDecision(action, detail, rule?.Name, "rule");
    }

    private string? GroupOf(in PolicyDecision decision) => decision.Group >= 0 ? plan.Groups[decision.Group] : null;
}
