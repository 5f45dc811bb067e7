using DnsFlow.Queries;
using DnsFlow.Settings;

namespace DnsFlow.Policy;

/// <summary>What a factory knows when it makes the action of one rule.</summary>
/// <param name="settings">The rule's keys.</param>
/// <param name="namesDomain">Whether the rule's patterns all name something below the root.</param>
/// <param name="blocking">How blocked queries are answered.</param>
/// <param name="groups">The upstream groups by name.</param>
public sealed class QueryActionContext(
    SettingsReader settings, bool namesDomain, BlockingOptions blocking, IReadOnlyDictionary<string, ForwardTarget> groups)
{
    /// <summary>The rule's keys, and where errors are noted.</summary>
    public SettingsReader Settings { get; } = settings;

    /// <summary>Whether the rule has patterns, and all of them name something below the root.</summary>
    public bool NamesDomain { get; } = namesDomain;

    /// <summary>How blocked queries are answered.</summary>
    public BlockingOptions Blocking { get; } = blocking;

    /// <summary>Reads the action's own keys; false when one of them is wrong (noted).</summary>
    public bool TryRead<T>(SettingsShape<T> shape, T target)
    {
        var before = Settings.Errors.Count + Settings.Errors.Omitted;
        Settings.ReadKeys(shape, target);
        return Settings.Errors.Count + Settings.Errors.Omitted == before;
    }

    /// <summary>Finds the upstream group that <paramref name="key"/> names; false, and an error noted at the key, when there is none.</summary>
    public bool TryFindGroup(string key, string? name, out ForwardTarget target)
    {
        target = ForwardTarget.None;
        if (name is null)
        {
            Settings.Child(key).Error("an upstream group is missing" + NearestSpelling.Hint("", [.. groups.Keys]));
            return false;
        }

        var found = groups.TryGetValue(name, out target);
        if (!found)
        {
            Settings.Child(key).Error($"'{name}' is not an upstream group{NearestSpelling.Hint(name, [.. groups.Keys])}");
        }

        return found;
    }
}
