using Microsoft.Extensions.Configuration;

namespace DnsFlow.Settings;

/// <summary>
/// Reads one place of the configuration and notes everything that is wrong in <see cref="Errors"/>; never throws for what somebody wrote.
/// A plain value.
/// </summary>
public readonly struct SettingsReader
{
    private readonly SettingsNode? _node;

    private SettingsReader(SettingsNode? node, string path, SettingsErrors errors)
    {
        _node = node;
        Path = path;
        Errors = errors;
    }

    /// <summary>The path of this place, keys as the documentation spells them.</summary>
    public string Path { get; }

    /// <summary>Where errors go.</summary>
    public SettingsErrors Errors { get; }

    /// <summary>What is written here; null = nothing.</summary>
    internal SettingsNode? Node => _node;

    /// <summary>Whether anything is written here; <c>null</c> and <c>{}</c> count as nothing.</summary>
    public bool Exists => _node is { IsEmpty: false };

    /// <summary>
    /// Begins at a section. Its layers are those of <paramref name="root"/> when that has the section with the same values, or of
    /// <paramref name="configuration"/> when it is a root itself (then its section <c>DnsFlow</c> is read). Without them a list in a later layer cannot be told
    /// from one in an earlier layer, and errors name no file.
    /// </summary>
    public static SettingsReader Open(IConfiguration configuration, SettingsErrors errors, IConfigurationRoot? root = null)
    {
        var section = configuration as IConfigurationSection ?? configuration.GetSection("DnsFlow");
        root = configuration as IConfigurationRoot ?? (root is not null && HasSection(root, section) ? root : null);
        var node = root is null ? SettingsLayers.ReadMerged(section) : SettingsLayers.Read(root, section.Path);
        errors.Locate(node, section.Path);
        return new SettingsReader(node, section.Path, errors);
    }

    /// <summary>A reader over no configuration at all: every key has its default.</summary>
    public static SettingsReader Nothing(string path, SettingsErrors errors) => new(null, path, errors);

    /// <summary>Settings written in code instead of a file: keys with one value each, or with several.</summary>
    public static SettingsReader Of(params ReadOnlySpan<(string Key, string[] Values)> settings)
    {
        var children = new List<SettingsNode>();
        foreach (var (key, values) in settings)
        {
            var elements = values.Select(static (value, i) =>
                new SettingsNode(i.ToString(System.Globalization.CultureInfo.InvariantCulture), value, null, [])).ToList();
            children.Add(values.Length == 1 ? new SettingsNode(key, values[0], null, []) : new SettingsNode(key, values.Length == 0 ? "" : null, null, elements));
        }

        return new SettingsReader(new SettingsNode("", null, null, children), "", new SettingsErrors());
    }

    /// <summary>The same settings at another path, with errors noted elsewhere.</summary>
    public SettingsReader At(string path, SettingsErrors errors) => new(_node, path, errors);

    /// <summary>The place below with this key, letter case ignored.</summary>
    public SettingsReader Child(string key) =>
        new(_node?.Find(key), $"{Path}:{key}", Errors);

    /// <summary>The keys that are written here.</summary>
    public IEnumerable<string> Keys => _node is null ? [] : _node.Children.Select(static child => child.Key);

    /// <summary>Notes an error at this place.</summary>
    public void Error(string message) => Errors.Add(Path, message);

    /// <summary>Reads one value. False when nothing is written here, or after noting what is wrong.</summary>
    public bool TryReadValue<T>(SettingsKind<T> kind, out T value)
    {
        value = default!;
        if (!Exists)
        {
            return false;
        }

        if (_node!.Children.Count > 0)
        {
            Error($"one value is expected, not {(_node.IsList ? "a list" : "an object")}; allowed: {kind.Allowed}");
            return false;
        }

        if (kind.TryParse(_node.Value!, out value!, out var problem))
        {
            return true;
        }

        Error(problem);
        return false;
    }

    /// <summary>
    /// Reads a list of values; one value alone counts as a list of one, so that <c>DNSFLOW__UPSTREAMS__DEFAULT__SERVERS=9.9.9.9</c> works.
    /// False when nothing is written here, or when an element is wrong (noted).
    /// </summary>
    public bool TryReadList<T>(SettingsKind<T> kind, out IReadOnlyList<T> values)
    {
        values = [];
        if (!Exists)
        {
            return false;
        }

        if (_node!.Value is { Length: > 0 } single && _node.Children.Count == 0)
        {
            if (!kind.TryParse(single, out var value, out var problem))
            {
                Error(problem);
                return false;
            }

            values = [value];
            return true;
        }

        var list = new List<T>();
        var complete = true;
        foreach (var element in Elements())
        {
            if (!element.Exists)
            {
                element.Error("a value is missing");
            }

            complete &= element.TryReadValue(kind, out var value);
            list.Add(value);
        }

        values = list;
        return complete && list.Count == _node.Children.Count;
    }

    /// <summary>The elements of a list of objects, in order. Notes an error and gives none when this is no list, or when a number is missing.</summary>
    public IReadOnlyList<SettingsReader> Elements()
    {
        if (_node is null || _node.Children.Count == 0)
        {
            if (_node?.Value is { Length: > 0 } value)
            {
                Error($"a list is expected, not '{value}'");
            }

            return [];
        }

        if (!_node.IsList)
        {
            Error("a list is expected, not an object: its order matters");
            return [];
        }

        var elements = new SettingsReader[_node.Children.Count];
        for (var i = 0; i < elements.Length; i++)
        {
            if (int.Parse(_node.Children[i].Key, System.Globalization.CultureInfo.InvariantCulture) != i)
            {
                Error($"element {i} of the list is missing");
                return [];
            }

            elements[i] = new SettingsReader(_node.Children[i], $"{Path}:{i}", Errors);
        }

        return elements;
    }

    /// <summary>Reads an object into <paramref name="target"/>; keys that are not written leave it alone, unknown ones are errors.</summary>
    public void Read<T>(SettingsShape<T> shape, T target)
    {
        if (CheckIsObject())
        {
            shape.Read(this, target);
        }
    }

    /// <summary>Reads the keys of a shape into <paramref name="target"/> and leaves other keys to somebody else.</summary>
    public void ReadKeys<T>(SettingsShape<T> shape, T target) => shape.ReadKeys(this, target);

    /// <summary>Notes an error for each key written here that is not in <paramref name="known"/>.</summary>
    public void CheckKeys(IReadOnlyCollection<string> known)
    {
        foreach (var key in Keys)
        {
            if (!known.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                Errors.Add($"{Path}:{key}", $"unknown key{NearestSpelling.Hint(key, known)}");
            }
        }
    }

    /// <summary>Whether this is an object, or nothing; notes an error when it is a value or a list.</summary>
    public bool CheckIsObject()
    {
        if (_node is null or { Value: null or "", IsList: false })
        {
            return true;        // "" is how a layer removes what earlier ones have
        }

        Error(_node.IsList ? "an object with named keys is expected, not a list" : $"an object is expected, not '{_node.Value}'");
        return false;
    }

    private static bool HasSection(IConfigurationRoot root, IConfigurationSection section) =>
        section.AsEnumerable().SequenceEqual(root.GetSection(section.Path).AsEnumerable());
}
