namespace DnsFlow.Settings;

/// <summary>
/// One key of the merged configuration: a value, a list or an object. Where layers meet, the later one wins by name, and a list
/// replaces the whole list (the stock configuration mixes lists element by element).
/// </summary>
internal sealed class SettingsNode(string key, string? value, SettingsSource? source, IReadOnlyList<SettingsNode> children)
{
    /// <summary>The key as its layer writes it.</summary>
    public string Key { get; } = key;

    /// <summary>The value; null when there is none. An empty list has the value "".</summary>
    public string? Value { get; } = value;

    /// <summary>Where it stands; null when that is not known.</summary>
    public SettingsSource? Source { get; } = source;

    /// <summary>What is below, lists in the order of their numbers.</summary>
    public IReadOnlyList<SettingsNode> Children { get; } = children;

    /// <summary>Whether it is a list with elements: every key below is a number.</summary>
    public bool IsList { get; } = children.Count > 0 && children.All(static child => IsNumber(child.Key));

    /// <summary>Whether it says nothing: <c>null</c> or <c>{}</c>.</summary>
    public bool IsEmpty => Value is null && Children.Count == 0;

    /// <summary>Whether <paramref name="key"/> is the number of a list's element.</summary>
    public static bool IsNumber(string key) => key.Length is > 0 and < 10 && !key.AsSpan().ContainsAnyExceptInRange('0', '9');

    /// <summary>The child with this key, letter case ignored.</summary>
    public SettingsNode? Find(string key) =>
        Children.FirstOrDefault(child => string.Equals(child.Key, key, StringComparison.OrdinalIgnoreCase));

    /// <summary>The node for people and for comparison: a value, <c>[a, b]</c> or <c>{ Key a, Key [b] }</c>.</summary>
    public override string ToString() =>
        IsList ? $"[{string.Join(", ", Children)}]"
        : Children.Count > 0 ? $"{{ {string.Join(", ", Children.Select(static child => $"{child.Key} {child}"))} }}"
        : Value is { Length: > 0 } ? Value : "[]";

    /// <summary>This node with a later layer's node of the same key on top.</summary>
    public SettingsNode Under(SettingsNode later)
    {
        var isObject = Children.Count > 0 && !IsList;
        if (!isObject)
        {
            return later;       // values and lists are replaced; a later null resets to the default
        }

        if (later.IsEmpty)
        {
            return this;        // {} over an object adds nothing
        }

        return later.Children.Count == 0 || later.IsList ? later : new SettingsNode(Key, null, later.Source, MergeChildren(later));
    }

    private List<SettingsNode> MergeChildren(SettingsNode later)
    {
        var merged = new List<SettingsNode>(Children);
        foreach (var child in later.Children)
        {
            var index = merged.FindIndex(earlier => string.Equals(earlier.Key, child.Key, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
            {
                merged.Add(child);
            }
            else
            {
                merged[index] = merged[index].Under(child);
            }
        }

        return merged;
    }
}
