using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Server.Explaining;
using DnsFlow.Server.Plans;
using DnsFlow.Settings;
using Microsoft.Extensions.Configuration;

namespace DnsFlow.Server;

/// <summary>
/// What a configuration decides, without sockets: flow rules, query rules, zones. Made to ask "what if": it runs the engine of the live path, sends nothing and counts
/// nothing. Thread safe.
/// </summary>
public sealed class ProxyPolicy : IDisposable
{
    private readonly ResponseCache _cache;
    private readonly ProxyPlan _plan;
    private readonly Explainer _explainer;
    private readonly MonotonicClock _clock;

    private ProxyPolicy(ProxyPlan plan, ResponseCache cache, IReadOnlyList<string> listeners, MonotonicClock clock)
    {
        _plan = plan;
        _cache = cache;
        _clock = clock;
        Listeners = listeners;
        Groups = [.. plan.Forwarding.Groups.Select(static group => group.Name)];
        _explainer = new Explainer(plan, listeners, clock.Time, cache: null);
    }

    /// <summary>The names of the listeners by index.</summary>
    public IReadOnlyList<string> Listeners { get; }

    /// <summary>The flow rules.</summary>
    public FlowRuleSet FlowRules => _plan.FlowRules;

    /// <summary>The query rules.</summary>
    public RuleSet QueryRules => _plan.QueryRules;

    /// <summary>The names of the upstream groups by index.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <summary>Compiles a configuration; null when something is wrong, and then <paramref name="errors"/> has a line for each error.</summary>
    /// <param name="section">The section <c>DnsFlow</c>.</param>
    /// <param name="baseFolder">The folder that file names are relative to.</param>
    /// <param name="errors">What is wrong.</param>
    /// <param name="root">The root of <paramref name="section"/>; with it errors name their file.</param>
    /// <param name="actions">The actions that rules can name; null = those of this library.</param>
    /// <param name="time">The clock; null = the system's.</param>
    public static ProxyPolicy? TryBuild(
        IConfiguration section, string baseFolder, out IReadOnlyList<string> errors, IConfigurationRoot? root = null, QueryActionCatalog? actions = null,
        TimeProvider? time = null)
    {
        var notes = new SettingsErrors();
        var clock = new MonotonicClock(time ?? TimeProvider.System);
        var cache = new ResponseCache(new CacheOptions { MaxBytes = 0 }, segments: 1);
        var plan = ProxyConfiguration.Compile(section, baseFolder, notes, root, actions, cache, clock, out var listeners);
        errors = notes.Lines;
        if (plan is not null)
        {
            return new(plan, cache, listeners, clock);
        }

        cache.Dispose();
        return null;
    }

    /// <summary>Rehearses a question and says why it goes the way it goes. Whether the cache has the answer only a running proxy knows.</summary>
    public Explanation Explain(ExplainQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return _explainer.Explain(question, _clock.Now);
    }

    /// <summary>
    /// Decides about a query as the live path would at a time, limits of rates aside. <paramref name="query"/> is a message in wire form;
    /// <paramref name="response"/> a buffer of 65,535 octets at best, to be used again; <paramref name="length"/> octets of it are the answer, if there is one.
    /// </summary>
    public PolicyDecision Decide(ReadOnlySpan<byte> query, in FlowFacts flow, DateTimeOffset at, Span<byte> response, out int length)
    {
        length = 0;
        var verdict = _plan.FlowRules.Decide(flow, _plan.FlowRules.Schedules.ActiveAt(at));
        if (verdict.Verdict != FlowVerdict.Claim)
        {
            return new(verdict.Verdict, verdict.Rule, StepResult.Continue, null, -1, default, default, -1, false);
        }

        var trace = new QueryTrace(at, collects: false);
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        var context = new QueryContext(query, in flow, name, response, _clock.Now) { Trace = trace };
        var result = _plan.Forwarding.Engine.Decide(ref context);
        length = result == StepResult.Answered ? context.ResponseLength : 0;
        return new(
            verdict.Verdict, verdict.Rule, result, context.Decision.Step, trace.Rule, context.Outcome, context.ResponseCode, context.Target.Group, context.BypassCache);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _plan.Dispose();
        _cache.Dispose();
    }
}
