namespace DnsFlow.Lists;

/// <summary>Reads the files of one list.</summary>
internal static class ListLoader
{
    /// <summary>What is said in the place of a syntax of an address that was never fetched.</summary>
    public const string NotFetched = "not fetched yet";

    // A line of a list has about so many octets, so tables are made for the right number of names.
    private const int LineSize = 24;

    /// <summary>
    /// Reads all sources of a list. Null with the reason, and the source that it is about, when one cannot be read or is refused, or when the list is too large.
    /// </summary>
    /// <param name="list">The list.</param>
    /// <param name="files">Where each source is read.</param>
    /// <param name="maxBytes">The most octets it may take.</param>
    /// <param name="error">The reason.</param>
    /// <param name="culprit">The source.</param>
    public static ListData? Load(ListState list, IReadOnlyList<SourceStamp> files, long maxBytes, out string? error, out string? culprit)
    {
        var expected = files.Sum(static file => Math.Max(0, file.Length)) / LineSize;
        using var builder = new ListBuilder(list.Name, list.Options, maxBytes, (int)Math.Min(expected, maxBytes / 40));
        var sources = ListPaths.Sources(list.Options);
        for (var i = 0; i < sources.Count; i++)
        {
            if (Read(files[i], builder, sources[i], i >= list.Options.Sources.Count) is { } problem)
            {
                (error, culprit) = ($"{sources[i]}: {problem}", sources[i]);
                return null;
            }
        }

        (error, culprit) = (null, null);
        return builder.Build();
    }

    private static string? Read(SourceStamp file, ListBuilder builder, string source, bool isExcept)
    {
        if (file.Length < 0 && ListSource.IsAddress(source))
        {
            builder.BeginSource(source, isExcept);
            builder.EndSource(NotFetched, 0);
            return null;
        }

        try
        {
            using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return stream is { CanSeek: true, Length: > ListLimits.MaxBytes }
                ? $"it is larger than {ListLimits.MaxBytes >> 20} MiB, the most that is read"
                : ListFileReader.Read(stream, builder, source, isExcept);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"it cannot be read: {exception.Message}";
        }
    }
}
