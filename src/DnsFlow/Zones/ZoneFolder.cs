using System.Diagnostics.CodeAnalysis;

namespace DnsFlow.Zones;

/// <summary>Reads files for zones: bounded, and for $INCLUDE only inside of one folder, symbolic links followed.</summary>
/// <param name="root">The folder that includes may not leave.</param>
internal sealed class ZoneFolder(string root)
{
    /// <summary>The most octets a zone file takes together with everything it includes.</summary>
    public const int MaxBytes = ZoneFileContent.MaxBytes;

    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)) + Path.DirectorySeparatorChar;

    /// <summary>Reads a whole file; false with the reason when it cannot be read or is too large.</summary>
    public static bool TryRead(string path, int maxBytes, out byte[] content, [NotNullWhen(false)] out string? error)
    {
        content = [];
        error = null;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var buffer = new MemoryStream();
            var chunk = new byte[64 << 10];
            while (buffer.Length <= maxBytes && !IsLarger(stream, maxBytes) && stream.Read(chunk) is > 0 and var read)
            {
                buffer.Write(chunk, 0, read);
            }

            error = buffer.Length > maxBytes || IsLarger(stream, maxBytes) ? $"the file is larger than {MaxBytes >> 20} MiB (what it includes counted), the most that is read" : null;
            content = error is null ? buffer.ToArray() : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            error = $"the file cannot be read: {exception.Message}";
        }

        return error is null;
    }

    /// <summary>The path of a file that a zone file includes, unchecked.</summary>
    public string PathOf(string name) => Path.Combine(_root, name);

    /// <summary>Reads a file that a zone file includes; its name is relative to the folder.</summary>
    public bool TryInclude(string name, int maxBytes, out string path, out byte[] content, [NotNullWhen(false)] out string? error)
    {
        content = [];
        path = name;
        try
        {
            path = Path.GetFullPath(name, _root);
            var resolvedRoot = Path.TrimEndingDirectorySeparator(Resolve(_root[..^1])) + Path.DirectorySeparatorChar;
            if (!path.StartsWith(_root, StringComparison.Ordinal) || !Resolve(path).StartsWith(resolvedRoot, StringComparison.Ordinal))
            {
                error = $"$INCLUDE of '{name}' leaves the folder of the zone; only files in '{_root}' are allowed";
                return false;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            error = $"$INCLUDE of '{name}': {exception.Message}";
            return false;
        }

        if (TryRead(path, maxBytes, out content, out error))
        {
            return true;
        }

        error = $"$INCLUDE of '{name}': {error}";
        return false;
    }

    /// <summary>The path that a file has in truth, all symbolic links followed; the path itself when it cannot be told.</summary>
    public static string RealPath(string path)
    {
        try
        {
            return Resolve(Path.GetFullPath(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return path;        // it was readable a moment ago; a loop through it still ends at the depth
        }
    }

    /// <summary>Whether the file says that it is larger; what cannot tell is read up to the bound.</summary>
    private static bool IsLarger(FileStream stream, int maxBytes) => stream.CanSeek && stream.Length > maxBytes;

    /// <summary>Follows symbolic links of the path and of the folders above it.</summary>
    private static string Resolve(string path)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        var resolved = Path.Combine(Resolve(parent), Path.GetFileName(path));
        FileSystemInfo info = Directory.Exists(resolved) ? new DirectoryInfo(resolved) : new FileInfo(resolved);
        return info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? resolved;
    }
}
