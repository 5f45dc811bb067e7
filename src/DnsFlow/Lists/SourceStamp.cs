namespace DnsFlow.Lists;

/// <summary>What tells one state of a source from another without reading it.</summary>
/// <param name="Path">The file that is read.</param>
/// <param name="Length">Its length in octets; -1 = it is not there.</param>
/// <param name="Written">When it was written, in ticks.</param>
internal readonly record struct SourceStamp(string Path, long Length, long Written)
{
    /// <summary>The stamp of a file as it is now.</summary>
    public static SourceStamp Of(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
        {
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        }

        return file.Exists ? new SourceStamp(file.FullName, file.Length, file.LastWriteTimeUtc.Ticks) : new SourceStamp(path, -1, 0);
    }
}
