namespace DnsFlow.Lists;

/// <summary>Where the sources of lists are read.</summary>
internal static class ListPaths
{
    /// <summary>Whether two lists are read alike.</summary>
    public static bool IsSame(ListState left, ListState right) =>
        left.Name == right.Name && left.Folder == right.Folder
        && left.Options.Sources.SequenceEqual(right.Options.Sources) && left.Options.Except.SequenceEqual(right.Options.Except)
        && left.Options.Refresh == right.Options.Refresh && left.Options.MaxEntries == right.Options.MaxEntries && left.Options.Subdomains == right.Options.Subdomains;

    /// <summary>All sources of a list: those of <c>Sources</c>, then those of <c>Except</c>.</summary>
    public static IReadOnlyList<string> Sources(ListOptions options) => [.. options.Sources, .. options.Except];

    /// <summary>The files of all sources as they are now, copies for addresses.</summary>
    public static List<SourceStamp> Stamps(ListState list, ListCopies copies) => [.. Sources(list.Options).Select(source => Stamp(list, source, copies))];

    /// <summary>The file of one source as it is now.</summary>
    public static SourceStamp Stamp(ListState list, string source, ListCopies copies) =>
        SourceStamp.Of(ListSource.IsAddress(source) ? copies.PathOf(source) : Path.Combine(list.Folder, source));
}
