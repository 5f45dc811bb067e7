using DnsFlow.Settings;

namespace DnsFlow.Lists;

/// <summary>How <see cref="ListOptions"/> are read.</summary>
internal static class ListSettings
{
    private static readonly SettingsKind<string> Source = new(
        "a source of a list", "a file, or https://lists.example/ads.txt", static (string text, out string value) => ListSource.Check(value = text) is null)
    {
        Explain = ListSource.Check,
    };

    /// <summary>The keys of <c>DnsFlow:Lists:NAME</c>.</summary>
    public static SettingsShape<ListOptions> Shape { get; } = new SettingsShape<ListOptions>("Names from files and addresses, for rules to ask.")
        .List("Sources", Source, static (o, v) => o.Sources = v, "Files and https addresses; the syntax of each is found by its content.")
        .List("Except", Source, static (o, v) => o.Except = v, "Files and https addresses with the names that the list never matches.")
        .Value("Refresh", SettingsKinds.Duration(TimeSpan.Zero, TimeSpan.FromDays(365)), static (o, v) => o.Refresh = v, "How often they are read again; 0 = on demand only.")
        .Value("MaxEntries", SettingsKinds.Integer(1, 50_000_000), static (o, v) => o.MaxEntries = v, "The most entries; a list with more is refused.")
        .Value("Subdomains", SettingsKinds.Boolean, static (o, v) => o.Subdomains = v, "Whether a name that stands alone on its line covers what is below it.");
}
