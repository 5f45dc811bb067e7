namespace DnsFlow.Service.Reloading;

/// <summary>
/// Where something happens when one of some files changes: the folder a file lies in, and the folders of everything its links lead through. Kubernetes
/// turns a link to a folder beside the file; others turn the file's own.
/// </summary>
internal sealed class WatchedPlaces
{
    private const int MaxFolders = 16;
    private const int MaxLinks = 8;

    private readonly Dictionary<string, HashSet<string>> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _whole = new(StringComparer.Ordinal);

    /// <summary>The places of files and folders by their whole paths. A folder stands for all that is in it.</summary>
    public WatchedPlaces(IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            if (Directory.Exists(file) && Add(file, ""))
            {
                _whole.Add(file);
            }

            Follow(file);
        }
    }

    /// <summary>The folders to watch.</summary>
    public IReadOnlyCollection<string> Folders => _names.Keys;

    /// <summary>Whether what happened to a name in a folder may concern a file.</summary>
    public bool Concerns(string folder, string? name)
        => _whole.Contains(folder) || (_names.TryGetValue(folder, out var names) && (name is null || names.Contains(name)));

    private void Follow(string path)
    {
        for (var i = 0; i < MaxLinks && Path.GetDirectoryName(path) is { } folder; i++)
        {
            Add(folder, Path.GetFileName(path));
            if (TargetOf(folder) is { } real)
            {
                Add(Path.GetDirectoryName(folder) ?? folder, Path.GetFileName(folder));
                Add(real, Path.GetFileName(path));
            }

            if (TargetOf(path) is not { } target)
            {
                return;
            }

            path = target;
        }
    }

    private bool Add(string folder, string name)
    {
        if (!_names.TryGetValue(folder, out var names))
        {
            if (_names.Count == MaxFolders || !Directory.Exists(folder))
            {
                return false;
            }

            _names[folder] = names = new HashSet<string>(StringComparer.Ordinal);
        }

        names.Add(name);
        return true;
    }

    private static string? TargetOf(string path)
    {
        try
        {
            FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
            return info.ResolveLinkTarget(returnFinalTarget: false)?.FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;        // in the middle of an exchange: its end is told as well
        }
    }
}
