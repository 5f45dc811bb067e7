using DnsFlow.Service.Configuration;

namespace DnsFlow.Service.Reloading;

/// <summary>
/// Tells when files differ from how they were seen last. The system's notifications say when to look; what is found decides, after the files were left
/// alone for a moment. Once a minute it looks without being told: not every file system notifies.
/// </summary>
internal sealed class FileWatch : IDisposable
{
    /// <summary>How long files must have been left alone.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    /// <summary>How long it waits for that.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How often it looks without being told.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Func<FileFingerprint> _seen;
    private readonly Action _onChanged;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FileSystemWatcher> _folders = new(StringComparer.Ordinal);
    private readonly ITimer _timer;
    private WatchedPlaces _places = new([]);
    private long _since = -1;
    private bool _isDisposed;

    /// <summary>Begins to watch the files of <paramref name="seen"/>. <paramref name="onChanged"/> may be called on any thread, and again until they are seen anew.</summary>
    public FileWatch(Func<FileFingerprint> seen, Action onChanged, TimeProvider time)
    {
        (_seen, _onChanged, _time) = (seen, onChanged, time);
        _timer = time.CreateTimer(_ => Look(), null, Interval, Interval);
        Follow();
    }

    /// <summary>Watches the places of the files that are seen now, and no other.</summary>
    public void Follow()
    {
        var places = new WatchedPlaces(_seen().Files);
        lock (_lock)
        {
            _places = places;
            foreach (var folder in _folders.Keys.Where(folder => _isDisposed || !places.Folders.Contains(folder)).ToList())
            {
                _folders.Remove(folder, out var watcher);
                watcher!.Dispose();
            }

            foreach (var folder in places.Folders.Where(folder => !_isDisposed && !_folders.ContainsKey(folder)))
            {
                if (TryWatch(folder) is { } watcher)
                {
                    _folders.Add(folder, watcher);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
        }

        _timer.Dispose();
        Follow();
    }

    /// <summary>Something happened to a name in a folder; null = it is not known to which.</summary>
    internal void Notice(string folder, string? name)
    {
        lock (_lock)
        {
            if (_isDisposed || !_places.Concerns(folder, name))
            {
                return;
            }

            _since = _since < 0 ? _time.GetTimestamp() : _since;
            if (_time.GetElapsedTime(_since) < Patience)
            {
                _timer.Change(Quiet, Interval);     // and if files are never left alone, the look that is due comes all the same
            }
        }
    }

    private FileSystemWatcher? TryWatch(string folder)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size };
            watcher.Changed += (_, change) => Notice(folder, change.Name);
            watcher.Created += (_, change) => Notice(folder, change.Name);
            watcher.Deleted += (_, change) => Notice(folder, change.Name);
            watcher.Renamed += (_, change) => Notice(folder, change.Name);
            watcher.Error += (_, _) => Notice(folder, null);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;        // gone again, or the system has no notifications left: it is looked at once a minute
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            _since = -1;
        }

        var seen = _seen();
        if (!seen.Equals(seen.Again()))
        {
            _onChanged();
        }

        Follow();
    }
}
