namespace DnsFlow.Service.Configuration;

/// <summary>The files that a configuration names, and those of the folder it serves.</summary>
internal static class NamedFiles
{
    private const int MaxFiles = 4_096;

    // Keys that name files, by their last part; lists of them count by the part before the number.
    private static readonly string[] Keys = ["File", "HostsFile", "TokenFile", "TsigKeyFile", "SecretFile", "CaFile", "Certificate", "Key", "ClientAuthorities", "Sources", "Except"];

    /// <summary>Their whole paths; not all of them need to be there.</summary>
    public static IReadOnlyList<string> Of(LoadedConfiguration configuration)
    {
        var named = configuration.Section.AsEnumerable().Where(static pair => pair.Value is { Length: > 0 } && IsFile(pair.Key))
            .Where(static pair => !pair.Value!.Contains("://", StringComparison.Ordinal) && !pair.Value.Contains('\0', StringComparison.Ordinal))
            .Select(pair => Path.GetFullPath(pair.Value!, configuration.BaseFolder));
        return [.. named.Concat(Zones(Path.Combine(configuration.BaseFolder, "zones"))).Distinct().Take(MaxFiles)];
    }

    private static bool IsFile(string path)
    {
        var parts = path.Split(ConfigurationPath.KeyDelimiter);
        var last = parts[^1].All(char.IsAsciiDigit) && parts.Length > 1 ? parts[^2] : parts[^1];
        return Keys.Contains(last, StringComparer.OrdinalIgnoreCase);
    }

    // The folder itself stands for files that come and go.
    private static IEnumerable<string> Zones(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? [folder, .. Directory.EnumerateFiles(folder)] : [folder];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [folder];        // not ours to read: the reload says so
        }
    }
}
