using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Settings;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.Server;

/// <summary>
/// A configuration compiled as a start compiles it, and asked for decisions: by the engine of the live path, without listeners, upstreams and cache. Nothing is bound
/// and nothing is sent. Whether a client may ask at all (<c>Allow</c>) is not looked at. For one thread.
/// </summary>
public sealed class OfflinePlan : IDisposable
{
    private readonly ProxyPlan _plan;
    private readonly ResponseCache _cache;
    private readonly OfflineTime _time;
    private readonly MonotonicClock _clock;
    private readonly byte[] _loweredName = new byte[WireName.MaxLength];

    private OfflinePlan(ProxyPlan plan, ResponseCache cache, OfflineTime time, MonotonicClock clock, IReadOnlyList<string> listeners)
        => (_plan, _cache, _time, _clock, Listeners) = (plan, cache, time, clock, listeners);

    /// <summary>The names of the listeners by index.</summary>
    public IReadOnlyList<string> Listeners { get; }

    /// <summary>The rules on flows.</summary>
    public FlowRuleSet FlowRules => _plan.FlowRules;

    /// <summary>The rules on queries.</summary>
    public RuleSet QueryRules => _plan.QueryRules;

    /// <summary>Reads and compiles a configuration; null when it is wrong, and then <paramref name="errors"/> has every error.</summary>
    /// <param name="section">The section <c>DnsFlow</c>.</param>
    /// <param name="baseFolder">The folder that file names are relative to.</param>
    /// <param name="errors">Where errors are noted.</param>
    /// <param name="root">The root of <paramref name="section"/>; with it errors name their file.</param>
    /// <param name="actions">The actions that rules can name; null = those of this library.</param>
    public static OfflinePlan? Compile(
        IConfiguration section, string baseFolder, SettingsErrors errors, IConfigurationRoot? root = null, QueryActionCatalog? actions = null)
    {
        var time = new OfflineTime();
        var clock = new MonotonicClock(time);
        var cache = new ResponseCache(new CacheOptions { MaxBytes = 0 }, segments: 1);
        if (ProxyConfiguration.Compile(section, baseFolder, errors, root, actions, cache, clock, out var listeners) is { } plan)
        {
            return new OfflinePlan(plan, cache, time, clock, listeners);
        }

        cache.Dispose();
        return null;
    }

    /// <summary>
    /// Decides about a query that comes by <paramref name="flow"/> at a time. An answer, if there is one, is written to <paramref name="response"/>
    /// (65,535 octets suffice), <paramref name="length"/> octets long.
    /// </summary>
    public OfflineDecision Decide(ReadOnlySpan<byte> query, in FlowFacts flow, DateTimeOffset at, Span<byte> response, out int length)
    {
        _time.Set(at);
        length = 0;
        var verdict = _plan.FlowRules.Decide(flow, _plan.FlowRules.Schedules.Active(_clock.Now));
        if (verdict.Verdict != FlowVerdict.Claim)
        {
            return new OfflineDecision { Verdict = verdict.Verdict, FlowRule = verdict.Rule, Rule = -1, Group = -1 };
        }

        var context = new QueryContext(query, in flow, _loweredName, response, _clock.Now);
        var result = _plan.Forwarding.Engine.Decide(ref context);
        length = context.ResponseLength;
        return new OfflineDecision
        {
            Verdict = verdict.Verdict,
            FlowRule = verdict.Rule,
            Result = result,
            Step = context.Decision.Step,
            Rule = context.Decision.Rule,
            Group = result == StepResult.Forward ? context.Target.Group : -1,
            BypassesCache = context.BypassCache,
            Outcome = context.Outcome,
            ResponseCode = context.ResponseCode,
        };
    }

    /// <summary>The name of a group that a decision names.</summary>
    public string GroupName(int group) => _plan.Forwarding.Groups[group].Name;

    /// <inheritdoc/>
    public void Dispose()
    {
        _plan.Dispose();
        _cache.Dispose();
    }
}
