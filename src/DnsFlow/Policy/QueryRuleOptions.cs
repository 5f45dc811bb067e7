using DnsFlow.Settings;

namespace DnsFlow.Policy;

/// <summary>One rule on queries (<c>DnsFlow:QueryRules</c>).</summary>
public sealed class QueryRuleOptions
{
    /// <summary>The rule's name; null = its number. Unique among the query rules.</summary>
    public string? Name { get; set; }

    /// <summary>When it matches; nothing set = always.</summary>
    public RuleConditionOptions When { get; set; } = new();

    /// <summary>Whether it may leave nothing to a rule behind it, which is an error else: for rules put before others for a while. Default false.</summary>
    public bool Overrides { get; set; }

    /// <summary>The action's name: <c>forward</c>, <c>answer</c>, <c>block</c>, <c>refuse</c>, <c>nodata</c>, <c>nxdomain</c>, <c>truncate</c>, <c>drop</c> or one of the host's; must be set.</summary>
    public string? Action { get; set; }

    /// <summary>The action's own keys, beside the three above: read by its factory. In code: <c>SettingsReader.Of(("To", ["corp"]))</c>.</summary>
    public SettingsReader Settings { get; set; }

    /// <summary>A rule that forwards everything to a group.</summary>
    public static QueryRuleOptions ForwardAll(string group) => new()
    {
        Name = "rest",
        Action = "forward",
        Settings = SettingsReader.Of(("To", [group])),
    };
}
