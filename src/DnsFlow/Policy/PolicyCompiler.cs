using System.Collections.Immutable;
using DnsFlow.Flows;
using DnsFlow.Names;
using DnsFlow.Settings;

namespace DnsFlow.Policy;

/// <summary>Compiles the options of rules into rule sets, or notes everything that is wrong with them.</summary>
public static class PolicyCompiler
{
    private static readonly string[] s_sharedKeys = [.. PolicySettings.QueryRule.Keys.Select(static key => key.Name)];

    /// <summary>Compiles flow rules; none = one that claims every flow. Null when something is wrong.</summary>
    public static FlowRuleSet? CompileFlowRules(IReadOnlyList<FlowRuleOptions> options, PolicyInputs inputs, SettingsErrors errors)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Count == 0)
        {
            options = [new FlowRuleOptions { Name = "all", Verdict = FlowVerdict.Claim }];
        }

        var list = new RuleListCheck($"{inputs.Path}:FlowRules", """{ "Name": "all", "Verdict": "claim" }""", errors);
        var rules = ImmutableArray.CreateBuilder<FlowRule>(options.Count);
        for (var i = 0; i < options.Count; i++)
        {
            var name = list.Begin(i, options[i].Name);
            var match = CompileFlow(options[i].When, options[i].When.Transport, inputs, list);
            list.CheckReachable(match?.IsAlways == true);
            if (options[i].Verdict is not { } verdict)
            {
                list.Error("Verdict", "a verdict is missing; allowed: claim, pass, discard");
            }
            else if (match is not null)
            {
                rules.Add(new FlowRule(name, match, verdict, inputs.FlowRuleCounters.Get(name)));
            }
        }

        list.End();
        return list.HasErrors ? null : new FlowRuleSet(rules.ToImmutable());
    }

    /// <summary>Compiles query rules; none = one that forwards everything to the default group. Null when something is wrong.</summary>
    public static RuleSet? CompileQueryRules(IReadOnlyList<QueryRuleOptions> options, PolicyInputs inputs, SettingsErrors errors)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Count == 0)
        {
            options = [QueryRuleOptions.ForwardAll(inputs.DefaultGroup)];
        }

        var list = new RuleListCheck(
            $"{inputs.Path}:QueryRules", $$"""{ "Name": "rest", "Action": "forward", "To": "{{inputs.DefaultGroup}}" }""", errors);
        var names = new NameIndexBuilder();
        var rules = ImmutableArray.CreateBuilder<QueryRule>(options.Count);
        for (var i = 0; i < options.Count; i++)
        {
            var name = list.Begin(i, options[i].Name);
            if (CompileQuery(options[i], i, name, inputs, list) is { } rule)
            {
                rules.Add(rule);
                AddNames(names, options[i].When, i, list);
            }
        }

        list.End();
        return list.HasErrors ? null : new RuleSet(rules.ToImmutable(), names.Build());
    }

    private static QueryRule? CompileQuery(QueryRuleOptions options, int index, string name, PolicyInputs inputs, RuleListCheck list)
    {
        var factory = FindFactory(options, inputs, list);
        var transport = options.When.Transport;
        if (factory is { OnlyDatagrams: true })
        {
            if (transport is FlowTransport.Tcp)
            {
                list.Error("When:Transport", $"the action '{factory.Name}' is for udp only");
            }

            transport = FlowTransport.Udp;
        }

        var match = CompileFlow(options.When, transport, inputs, list);
        list.CheckReachable(match?.IsAlways == true && MatchesEveryQuestion(options.When));
        var action = factory is null ? null : CreateAction(factory, options, inputs, list);
        return match is null || action is null
            ? null
            : new QueryRule(index, name, factory!.Name, options.When, match, action, inputs.QueryRuleCounters.Get(name));
    }

    private static bool MatchesEveryQuestion(QueryConditionOptions when) =>
        when.Types.Count == 0 && when.NotDomains.Count == 0
        && (when.Domains.Count == 0 || when.Domains.Any(static pattern => pattern.IsEverything));

    private static IQueryActionFactory? FindFactory(QueryRuleOptions options, PolicyInputs inputs, RuleListCheck list)
    {
        if (options.Action is null)
        {
            list.Error("Action", $"an action is missing; allowed: {string.Join(", ", inputs.Actions.Names)}");
            return null;
        }

        var factory = inputs.Actions.Find(options.Action);
        if (factory is null)
        {
            list.Error("Action", $"'{options.Action}' is not an action{NearestSpelling.Hint(options.Action, inputs.Actions.Names)}");
        }

        return factory;
    }

    private static IQueryAction? CreateAction(IQueryActionFactory factory, QueryRuleOptions options, PolicyInputs inputs, RuleListCheck list)
    {
        var settings = options.Settings.At(list.Path, list.Errors);
        settings.CheckKeys([.. s_sharedKeys, .. factory.Shape.Keys.Select(static key => key.Name)]);
        var namesDomain = options.When.Domains.Count > 0 && options.When.Domains.All(static pattern => pattern.Name.Length > 1);
        return factory.Create(new QueryActionContext(settings, namesDomain, inputs.Blocking, inputs.Groups));
    }

    private static FlowMatch? CompileFlow(FlowConditionOptions when, FlowTransport? transport, PolicyInputs inputs, RuleListCheck list)
    {
        if (when.Listener.Count == 0)
        {
            return new FlowMatch(when, null, transport);
        }

        var listeners = new bool[inputs.Listeners.Count];
        var known = true;
        for (var i = 0; i < when.Listener.Count; i++)
        {
            var index = IndexOf(inputs.Listeners, when.Listener[i]);
            if (index >= 0)
            {
                listeners[index] = true;
                continue;
            }

            known = false;
            var key = when.Listener.Count == 1 ? "When:Listener" : $"When:Listener:{i}";
            list.Error(key, $"'{when.Listener[i]}' is not a listener{NearestSpelling.Hint(when.Listener[i], [.. inputs.Listeners])}");
        }

        return known ? new FlowMatch(when, listeners, transport) : null;
    }

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (string.Equals(names[i], name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private static void AddNames(NameIndexBuilder names, QueryConditionOptions when, int index, RuleListCheck list)
    {
        foreach (var pattern in when.Domains)
        {
            if (!names.TryAdd(pattern, index << 1))
            {
                list.Error("When:Domains", $"all rules together have more names than an index holds ({NameIndex.MaxNodes} labels)");
                return;
            }
        }

        foreach (var pattern in when.NotDomains)
        {
            if (!names.TryAdd(pattern, index << 1 | 1))
            {
                list.Error("When:NotDomains", $"all rules together have more names than an index holds ({NameIndex.MaxNodes} labels)");
                return;
            }
        }
    }
}
