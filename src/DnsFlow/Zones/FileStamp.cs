namespace DnsFlow.Zones;

/// <summary>What tells whether a file has changed: where it really lies, its length and its time of change.</summary>
/// <param name="Path">The path it was read by.</param>
/// <param name="RealPath">The path without symbolic links.</param>
/// <param name="Length">Octets.</param>
/// <param name="Ticks">The time of change.</param>
internal readonly record struct FileStamp(string Path, string RealPath, long Length, long Ticks)
{
    /// <summary>The stamp of a file now; a file that is not there has none of a real one.</summary>
    public static FileStamp Of(string path)
    {
        var real = ZoneFolder.RealPath(path);
        try
        {
            var file = new FileInfo(real);
            return file.Exists ? new FileStamp(path, real, file.Length, file.LastWriteTimeUtc.Ticks) : new FileStamp(path, real, -1, 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new FileStamp(path, real, -1, 0);        // reading it will say why
        }
    }

    /// <summary>Whether the file is still as it was.</summary>
    public bool IsCurrent => Length >= 0 && Of(Path) == this;
}
