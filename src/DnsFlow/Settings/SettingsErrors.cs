using System.Collections;

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
    private SettingsNode? _root;
    private string _rootPath = "";

    /// <summary>How many errors are kept.</summary>
    public int Count => _errors.Count;

    /// <summary>How many more there were.</summary>
    public int Omitted { get; private set; }

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <inheritdoc/>
    public SettingsError this[int index] => _errors[index];

    /// <summary>Adds an error; the source is that of the key at <paramref name="path"/>, or of the nearest one above it. The same error twice counts once.</summary>
    public void Add(string path, string message)
    {
        var error = new SettingsError(FindSource(path), path, message);
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

    /// <inheritdoc/>
    public IEnumerator<SettingsError> GetEnumerator() => _errors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>All errors, one a line.</summary>
    public override string ToString() => string.Join('\n', _errors);

    /// <summary>Says which tree later paths belong to, so that an error can name its file.</summary>
    internal void Locate(SettingsNode root, string path)
    {
        _root = root;
        _rootPath = path;
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

        return node.Source;
    }
}
