using System.Collections;
using System.Globalization;

namespace DnsFlow.Settings;

/// <summary>
/// Everything that is wrong in a configuration, in the order it was found. At most <see cref="MaxErrors"/> are kept; the rest is counted.
/// For one thread.
/// </summary>
public sealed class SettingsErrors : IReadOnlyList<SettingsError>
{
    /// <summary>How many errors are kept.</summary>
    public const int MaxErrors = 200;

    private readonly List<SettingsError> _errors = [];
    private readonly Dictionary<string, JsonLines> _lines = new(StringComparer.Ordinal);
    private SettingsNode? _root;
    private string _rootPath = "";

    /// <summary>How many errors are kept.</summary>
    public int Count => _errors.Count;

    /// <summary>How many more there were.</summary>
    public int Omitted { get; private set; }

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <summary>Whether something is wrong.</summary>
    public bool Any => _errors.Count > 0;

    /// <summary>The errors as lines, and how many there were beyond <see cref="MaxErrors"/>.</summary>
    public IReadOnlyList<string> Lines =>
        [.. _errors.Select(static error => error.ToString()), .. Omitted > 0 ? [$"and {Omitted} more"] : Array.Empty<string>()];

    /// <inheritdoc/>
    public SettingsError this[int index] => _errors[index];

    /// <summary>Adds an error; the source is that of the key at <paramref name="path"/>, or of the nearest one above it. The same error twice counts once.</summary>
    public void Add(string path, string message) => Add(new SettingsError(FindSource(path), path, message));

    /// <summary>Adds an error of a file that the configuration names, as a whole line: <c>home.zone:7: ...</c></summary>
    public void Add(string line) => Add(new SettingsError(null, "", line));

    /// <inheritdoc/>
    public IEnumerator<SettingsError> GetEnumerator() => _errors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>All errors, one a line.</summary>
    public override string ToString() => string.Join('\n', Lines);

    /// <summary>Whether anything is wrong at a path or below it.</summary>
    internal bool HasBelow(string path) => _errors.Exists(error => error.Path.StartsWith(path, StringComparison.OrdinalIgnoreCase)
        && (error.Path.Length == path.Length || error.Path[path.Length] == ':'));

    /// <summary>Says which tree later paths belong to, so that an error can name its file.</summary>
    internal void Locate(SettingsNode root, string path)
    {
        _root = root;
        _rootPath = path;
    }

    private void Add(SettingsError error)
    {
        if (_errors.Contains(error))
        {
            return;
        }

        if (_errors.Count == MaxErrors)
        {
            Omitted++;
            return;
        }

        _errors.Add(error);
    }

    private string? FindSource(string path)
    {
        if (_root is null || !path.StartsWith(_rootPath, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var node = _root;
        foreach (var key in path[_rootPath.Length..].Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            if (node.Find(key) is not { } child)
            {
                break;
            }

            node = child;
        }

        return node.Source is { } source ? Describe(source, path) : null;
    }

    // The file, and the line where it can be told.
    private string Describe(SettingsSource source, string path)
    {
        if (source.File is not { } file || !file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return source.Name;
        }

        if (!_lines.TryGetValue(file, out var lines))
        {
            _lines[file] = lines = JsonLines.Read(file);
        }

        return lines.Find(path) is > 0 and var line ? string.Create(CultureInfo.InvariantCulture, $"{source.Name}:{line}") : source.Name;
    }
}
