namespace DnsFlow.Tests.Repository;

/// <summary>The repository the tests were built in.</summary>
internal static class SourceTree
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All C# files below src/.</summary>
    public static IReadOnlyList<SourceFile> Product { get; } = Read("src");

    /// <summary>All C# files below tests/.</summary>
    public static IReadOnlyList<SourceFile> Tests { get; } = Read("tests");

    private static List<SourceFile> Read(string folder) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => (file, path: Path.GetRelativePath(Root, file).Replace('\\', '/')))
            .Where(f => !f.path.Contains("/obj/", StringComparison.Ordinal) && !f.path.Contains("/bin/", StringComparison.Ordinal))
            .OrderBy(f => f.path, StringComparer.Ordinal)
            .Select(f => new SourceFile(f.path, File.ReadAllText(f.file))),
    ];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DnsFlow.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No DnsFlow.sln above {AppContext.BaseDirectory}.");
    }
}
