using System.Collections.Immutable;
using DnsFlow.Flows;
using DnsFlow.Names;
using DnsFlow.Policy.Actions;
using DnsFlow.Policy.Conditions;
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
        var list = new RuleListCheck(
            $"{inputs.Path}:QueryRules", $$"""{ "Name": "rest", "Action": "forward", "To": "{{inputs.DefaultGroup}}" }""", errors);
        return Compile(options.Count == 0 ? [QueryRuleOptions.ForwardAll(inputs.DefaultGroup)] : options, inputs, list, RuleStages.Query, inputs.QueryRuleCounters);
    }

    /// <summary>Compiles the rules on answers of upstreams; an answer that none decides about goes as it is. Null when something is wrong.</summary>
    public static RuleSet? CompileAnswerRules(IReadOnlyList<QueryRuleOptions> options, PolicyInputs inputs, SettingsErrors errors)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(inputs);
        return Compile(options, inputs, new RuleListCheck($"{inputs.Path}:AnswerRules", example: null, errors), RuleStages.Answer, inputs.AnswerRuleCounters);
    }

    private static RuleSet? Compile(
        IReadOnlyList<QueryRuleOptions> options, PolicyInputs inputs, RuleListCheck list, RuleStages stage, RuleCounters counters)
    {
        var tags = new TagTable();
        var conditions = new ConditionCompiler(inputs, list, tags);
        var rules = ImmutableArray.CreateBuilder<QueryRule>(options.Count);
        for (var i = 0; i < options.Count; i++)
        {
            var name = list.Begin(i, options[i].Name);
            var factory = FindFactory(options[i], inputs, list, stage);
            var when = CompileWhen(options[i], factory, list, conditions);
            var action = factory is null ? null : CreateAction(factory, options[i], inputs, list, tags);
            list.CheckReachable(when, isFinal: action?.IsFinal != false, options[i].Overrides);
            if (action is not null)
            {
                rules.Add(new QueryRule(i, name, factory!.Name, when, action, counters.Get(name)) { Tags = (action as TagAction)?.Tags ?? 0 });
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

        list.Errors.Add(list.ListPath, $"all rules together have more names than an index holds ({NameIndex.MaxNodes} labels)");
        return null;
    }

    private static RuleCondition[] CompileWhen(QueryRuleOptions options, IQueryActionFactory? factory, RuleListCheck list, ConditionCompiler conditions)
    {
        if (factory is { OnlyDatagrams: true } && options.When.Transport.Any(static transport => transport != FlowTransport.Udp))
        {
            list.Error("When:Transport", $"the action '{factory.Name}' is for udp only");
        }

        return conditions.Compile(options.When, factory is { OnlyDatagrams: true } ? FlowTransport.Udp : null);
    }

    private static IQueryActionFactory? FindFactory(QueryRuleOptions options, PolicyInputs inputs, RuleListCheck list, RuleStages stage)
    {
        var names = inputs.Actions.NamesOf(stage);
        if (options.Action is null)
        {
            list.Error("Action", $"an action is missing; allowed: {string.Join(", ", names)}");
            return null;
        }

        var factory = inputs.Actions.Find(options.Action);
        if (factory is null || (factory.Stages & stage) == 0)
        {
            list.Error("Action", $"'{options.Action}' is not an action{(factory is null ? "" : " of these rules")}{NearestSpelling.Hint(options.Action, names)}");
            return null;
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
