using DnsFlow.Queries;
using DnsFlow.Settings;

namespace DnsFlow.Policy;

/// <summary>What a factory knows when it makes the action of one rule.</summary>
public sealed class QueryActionContext
{
    private readonly PolicyInputs _inputs;
    private readonly TagTable _tags;

    internal QueryActionContext(SettingsReader settings, bool namesDomain, PolicyInputs inputs, TagTable tags)
    {
        Settings = settings;
        NamesDomain = namesDomain;
        _inputs = inputs;
        _tags = tags;
    }

    /// <summary>The rule's keys, and where errors are noted.</summary>
    public SettingsReader Settings { get; }

    /// <summary>Whether the rule has patterns, and all of them name something below the root.</summary>
    public bool NamesDomain { get; }

    /// <summary>How blocked queries are answered.</summary>
    public BlockingOptions Blocking => _inputs.Blocking;

    /// <summary>The bit of a tag that the rule gives.</summary>
    internal ulong GiveTag(string name) => _tags.Give(name);

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
            Settings.Child(key).Error("an upstream group is missing" + NearestSpelling.Hint("", [.. _inputs.Groups.Keys]));
            return false;
        }

        var found = _inputs.Groups.TryGetValue(name, out target);
        if (!found)
        {
            Settings.Child(key).Error($"'{name}' is not an upstream group{NearestSpelling.Hint(name, [.. _inputs.Groups.Keys])}");
        }

        return found;
    }
}
