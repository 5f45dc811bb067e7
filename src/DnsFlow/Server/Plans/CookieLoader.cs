using DnsFlow.Queries;
using DnsFlow.Settings;

namespace DnsFlow.Server.Plans;

/// <summary>Makes the server cookies of a plan. A secret of our own outlives plans, so that a reload does not void what clients hold.</summary>
internal sealed class CookieLoader
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const int MaxLength = 4_096;

    private readonly CookieSecrets _own = CookieSecrets.Random();

    /// <summary>Makes them; null when they are switched off, or when something is wrong, which <paramref name="errors"/> has then.</summary>
    public ServerCookies? Load(ProxyOptions options, string baseFolder, TimeProvider time, SettingsErrors errors)
    {
        if (!options.Cookies.Enabled)
        {
            return null;
        }

        if (options.Cookies.SecretFile is not { Length: > 0 } file)
        {
            return new ServerCookies(_own, options.Cookies.Demand, time);
        }

        if (Read(Path.Combine(baseFolder, file), out var problem) is { } secrets)
        {
            return new ServerCookies(new CookieSecrets(secrets), options.Cookies.Demand, time);
        }

        errors.Add($"{options.Path}:Cookies:SecretFile", $"'{file}': {problem}");
        return null;
    }

    private static IReadOnlyList<byte[]>? Read(string path, out string? problem)
    {
        try
        {
            var file = new FileInfo(path);
            problem = !file.Exists ? "there is no such file"
                : file.Length > MaxLength ? "it is too long for a file of secrets"
                : !OperatingSystem.IsWindows() && ((file.ResolveLinkTarget(returnFinalTarget: true) ?? file).UnixFileMode & Others) != 0 ? "others may read it; its mode must be 0600 or less"
                : null;
            return problem is null ? CookieSecrets.Parse(File.ReadAllText(path), out problem) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = exception.Message;
            return null;
        }
    }
}
