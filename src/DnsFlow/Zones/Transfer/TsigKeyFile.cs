using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using DnsFlow.Protocol;

namespace DnsFlow.Zones.Transfer;

/// <summary>
/// Reads a key as <c>tsig-keygen</c> writes it: <c>key "NAME" { algorithm hmac-sha256; secret "BASE64"; };</c>. The file is for its owner alone (mode 0600 or
/// less), or a credential of systemd.
/// </summary>
internal static class TsigKeyFile
{
    private const int MaxBytes = 16 << 10;

    private const string Allowed = "it has one key, as tsig-keygen writes it: key \"NAME\" { algorithm hmac-sha256; secret \"BASE64\"; };";

    private static readonly SearchValues<char> s_ends = SearchValues.Create(" \t{};\"");

    /// <summary>Reads the file; false with the reason, which never shows the secret.</summary>
    public static bool TryRead(string path, [NotNullWhen(true)] out TsigKey? key, [NotNullWhen(false)] out string? error)
    {
        key = null;
        error = CheckMode(path);
        if (error is not null || !ZoneFolder.TryRead(path, MaxBytes, out var content, out error))
        {
            return false;
        }

        return TryParse(Encoding.UTF8.GetString(content), out key, out error);
    }

    /// <summary>Reads the text.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TsigKey? key, [NotNullWhen(false)] out string? error)
    {
        key = null;
        var words = Split(text);
        if (words is not ["key", var name, "{", .. var body, "}", ";"] || body.Count != 6)
        {
            error = $"the file is not a TSIG key; {Allowed}";
            return false;
        }

        var values = new Dictionary<string, string> { [body[0]] = body[1], [body[3]] = body[4] };
        if (body[2] != ";" || body[5] != ";" || !values.TryGetValue("algorithm", out var algorithm) || !values.TryGetValue("secret", out var secret))
        {
            error = $"the file is not a TSIG key; {Allowed}";
            return false;
        }

        var octets = new byte[secret.Length];
        error = !TsigKey.Algorithms.ContainsKey(algorithm) ? $"the algorithm '{ZoneFileWords.Shorten(algorithm)}' is not supported; allowed: {string.Join(", ", TsigKey.Algorithms.Keys)}"
            : !Convert.TryFromBase64String(secret, octets, out var length) || length == 0 ? "the secret is not base64"
            : !DomainName.TryParse(name, DomainName.Root, out var domain, out var nameError) ? $"the key's name '{ZoneFileWords.Shorten(name)}': {nameError}"
            : null;
        if (error is null && DomainName.TryParse(name, DomainName.Root, out var parsed, out _) && Convert.TryFromBase64String(secret, octets, out length))
        {
            key = new TsigKey(parsed, algorithm, octets[..length]);
        }

        return key is not null;
    }

    private static string? CheckMode(string path)
    {
        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
        try
        {
            if (OperatingSystem.IsWindows() || !File.Exists(path))
            {
                return null;
            }

            // systemd grants its credentials by an access list, which shows as the group's right to read.
            var isCredential = Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } folder
                && Path.GetFullPath(path).StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
            var mode = File.GetUnixFileMode(path);
            return (mode & (isCredential ? Others : Others | UnixFileMode.GroupRead)) == 0
                ? null
                : $"the file has a secret and its mode {Convert.ToString((int)mode, 8)} lets others read or change it; 'chmod 600' it";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"the file cannot be read: {exception.Message}";
        }
    }

    /// <summary>Words, quoted strings without their quotes, and <c>{ } ;</c>; comments by <c>//</c> and <c>#</c> are passed over.</summary>
    private static List<string> Split(string text)
    {
        var words = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            var rest = line.AsSpan().Trim();
            while (rest.Length > 0 && rest[0] != '#' && !rest.StartsWith("//", StringComparison.Ordinal))
            {
                var isQuoted = rest[0] == '"';
                var length = "{};".Contains(rest[0], StringComparison.Ordinal) ? 1 : isQuoted ? rest[1..].IndexOf('"') + 2 : rest.IndexOfAny(s_ends);
                length = length is < 0 or 1 && isQuoted ? rest.Length : length < 0 ? rest.Length : length;
                words.Add(rest[..length].Trim('"').ToString());
                rest = rest[length..].Trim();
            }
        }

        return words;
    }
}
