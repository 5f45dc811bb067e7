using System.Collections.Immutable;
using DnsFlow.Flows;
using DnsFlow.Names;
using DnsFlow.Policy.Actions;
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
        ArgumentNullException.ThrowIfNull(inputs);
        if (options.Count == 0)
        {
            options = [new FlowRuleOptions { Name = "all", Verdict = FlowVerdict.Claim }];
        }

        var list = new RuleListCheck($"{inputs.Path}:FlowRules", """{ "Name": "all", "Verdict": "claim" }""", errors);
        var conditions = new ConditionCompiler(inputs, list, new TagTable());
        var rules = ImmutableArray.CreateBuilder<FlowRule>(options.Count);
        for (var i = 0; i < options.Count; i++)
        {
            var name = list.Begin(i, options[i].Name);
            var when = conditions.Compile(options[i].When, only: null);
            list.CheckReachable(when, isFinal: true, isMeantToHide: false);
            if (options[i].Verdict is not { } verdict)
            {
                list.Error("Verdict", "a verdict is missing; allowed: claim, pass, discard");
            }
            else
            {
                rules.Add(new FlowRule(name, when, verdict, inputs.FlowRuleCounters.Get(name)));
            }
        }

        list.End();
        return list.HasErrors ? null : new FlowRuleSet(rules.ToImmutable(), inputs.Schedules);
    }

    /// <summary>Compiles query rules; none = one that forwards everything to the default group. Null when something is wrong.</summary>
    public static RuleSet? CompileQueryRules(IReadOnlyList<QueryRuleOptions> options, PolicyInputs inputs, SettingsErrors errors)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(inputs);
        if (options.Count == 0)
        {
            options = [QueryRuleOptions.ForwardAll(inputs.DefaultGroup)];
        }

        var list = new RuleListCheck(
            $"{inputs.Path}:QueryRules", $$"""{ "Name": "rest", "Action": "forward", "To": "{{inputs.DefaultGroup}}" }""", errors);
        var tags = new TagTable();
        var conditions = new ConditionCompiler(inputs, list, tags);
        var rules = ImmutableArray.CreateBuilder<QueryRule>(options.Count);
        for (var i = 0; i < options.Count; i++)
        {
            if (CompileQuery(options[i], i, list.Begin(i, options[i].Name), inputs, list, conditions, tags) is { } rule)
            {
                rules.Add(rule);
            }
        }

        list.End();
        CheckTags(tags, list);
        return list.HasErrors ? null : Assemble(rules.ToImmutable(), inputs, list, tags);
    }

    private static RuleSet? Assemble(ImmutableArray<QueryRule> rules, PolicyInputs inputs, RuleListCheck list, TagTable tags)
    {
        if (PatternTerms.TryBuild(rules) is { } terms)
        {
            return new RuleSet(rules, terms, inputs.Schedules, tags.Names, inputs.Listeners.Count);
        }

        list.Errors.Add($"{inputs.Path}:QueryRules", $"all rules together have more names than an index holds ({NameIndex.MaxNodes} labels)");
        return null;
    }

    private static QueryRule? CompileQuery(
        QueryRuleOptions options, int index, string name, PolicyInputs inputs, RuleListCheck list, ConditionCompiler conditions, TagTable tags)
    {
        var factory = FindFactory(options, inputs, list);
        if (factory is { OnlyDatagrams: true } && options.When.Transport.Any(static transport => transport != FlowTransport.Udp))
        {
            list.Error("When:Transport", $"the action '{factory.Name}' is for udp only");
        }

        var when = conditions.Compile(options.When, factory is { OnlyDatagrams: true } ? FlowTransport.Udp : null);
        var action = factory is null ? null : CreateAction(factory, options, inputs, list, tags);
        list.CheckReachable(when, isFinal: action?.IsFinal != false, options.Overrides);
        return action is null
            ? null
            : new QueryRule(index, name, factory!.Name, when, action, inputs.QueryRuleCounters.Get(name)) { Tags = (action as TagAction)?.Tags ?? 0 };
    }

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

    private static IQueryAction? CreateAction(IQueryActionFactory factory, QueryRuleOptions options, PolicyInputs inputs, RuleListCheck list, TagTable tags)
    {
        var settings = options.Settings.At(list.Path, list.Errors);
        settings.CheckKeys([.. s_sharedKeys, .. factory.Shape.Keys.Select(static key => key.Name)]);
        return factory.Create(new QueryActionContext(settings, NamesDomain(options.When), inputs, tags));
    }

    private static bool NamesDomain(RuleConditionOptions when) =>
        when.Domains.Count > 0 && when.Domains.All(static pattern => pattern.Name is { Name.Length: > 1 });

    private static void CheckTags(TagTable tags, RuleListCheck list)
    {
        foreach (var (path, name) in tags.Missing)
        {
            list.Errors.Add(path, $"no rule gives the tag '{name}'{NearestSpelling.Hint(name, tags.Given)}");
        }

        if (tags.Names.Count == TagTable.MaxTags)
        {
            list.Errors.Add(list.ListPath, $"the rules have {TagTable.MaxTags} tags or more");
        }
    }
}
