using System.Globalization;
using DnsFlow.Clients;
using DnsFlow.Limits;
using DnsFlow.Names;
using DnsFlow.Policy;
using DnsFlow.Queries;
using DnsFlow.Server;
using DnsFlow.Settings;
using DnsFlow.TestKit;
using DnsFlow.Tests.Settings;

namespace DnsFlow.Tests.Policy;

/// <summary>Rule sets written as JSON, as people configure them.</summary>
internal static class TestRules
{
    /// <summary>The groups rules can name: the number is the index, the partition is 100 more.</summary>
    public static Dictionary<string, ForwardTarget> Groups { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["default"] = new(0, 100),
        ["corp"] = new(1, 101),
        ["system"] = new(2, 102),
    };

    public static RuleSet Query(string rules, string blocking = "{}") => Query(rules, blocking, QueryActionCatalog.BuiltIn);

    public static RuleSet Query(string rules, string blocking, QueryActionCatalog actions)
    {
        var options = Read($$"""{ "QueryRules": {{rules}}, "Blocking": {{blocking}} }""");
        var errors = new SettingsErrors();
        var set = PolicyCompiler.CompileQueryRules(options.QueryRules, Inputs(options.Blocking, actions), errors);
        Assert.Empty(errors);
        return set!;
    }

    /// <summary>Rules that ask lists.</summary>
    public static RuleSet Query(string rules, INameLists lists)
    {
        var errors = new SettingsErrors();
        var set = Query(rules, lists, errors);
        Assert.Empty(errors);
        return set!;
    }

    /// <summary>Rules that ask lists, right or wrong.</summary>
    public static RuleSet? Query(string rules, INameLists lists, SettingsErrors errors)
    {
        var options = Read($$"""{ "QueryRules": {{rules}} }""");
        var inputs = new PolicyInputs { Listeners = ["local", "lan"], Groups = Groups, Lists = lists };
        return PolicyCompiler.CompileQueryRules(options.QueryRules, inputs, errors);
    }

    public static FlowRuleSet Flow(string rules)
    {
        var errors = new SettingsErrors();
        var set = PolicyCompiler.CompileFlowRules(Read($$"""{ "FlowRules": {{rules}} }""").FlowRules, Inputs(new BlockingOptions(), QueryActionCatalog.BuiltIn), errors);
        Assert.Empty(errors);
        return set!;
    }

    public static PolicyInputs Inputs(BlockingOptions blocking, QueryActionCatalog actions) =>
        new() { Listeners = ["local", "lan"], Groups = Groups, Blocking = blocking, Actions = actions };

    /// <summary>Schedules of every day in UTC.</summary>
    public static ScheduleClock Schedules(params (string Name, string From, string To)[] schedules) => new(
        schedules.ToDictionary(
            static schedule => schedule.Name,
            static schedule => new ScheduleOptions
            {
                From = TimeSpan.ParseExact(schedule.From, "hh\\:mm", CultureInfo.InvariantCulture),
                To = TimeSpan.ParseExact(schedule.To, "hh\\:mm", CultureInfo.InvariantCulture),
                TimeZone = TimeZoneInfo.Utc,
            }),
        new MonotonicClock(new ManualTimeProvider()));

    private static ProxyOptions Read(string json)
    {
        var options = new ProxyOptions();
        var errors = SettingsText.Read(ProxySettings.Shape, options, $$"""{ "DnsFlow": {{json}} }""");
        Assert.Empty(errors);
        return options;
    }
}
