using System.Security.Cryptography;
using System.Text;

namespace DnsFlow.Service.Endpoints;

/// <summary>The token that stands for the right to change something, or to read over a network.</summary>
internal sealed class BearerToken
{
    /// <summary>The fewest characters of a token: 16 random octets in Base64.</summary>
    public const int MinLength = 22;

    private const int MinHexLength = 32;
    private const int MaxFileBytes = 4_096;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly byte[] _hash;

    private BearerToken(string token) => _hash = Hash(token);

    /// <summary>Reads the file; null with the reason when it is no place for a secret, or when what stands there is none.</summary>
    public static BearerToken? Read(string path, out string? error)
    {
        error = null;
        try
        {
            var file = new FileInfo(path);
            if (!OperatingSystem.IsWindows() && file.Exists && ((file.ResolveLinkTarget(returnFinalTarget: true) ?? file).UnixFileMode & Others) != 0)
            {
                error = $"'{path}' can be read by others; allowed: a file of mode 0600";
                return null;
            }

            var token = file.Length > MaxFileBytes ? "" : File.ReadAllText(path).Trim();
            error = Judge(token) is { } complaint ? $"'{path}' {complaint}" : null;
            return error is null ? new BearerToken(token) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            error = $"'{path}' cannot be read: {exception.Message.ReplaceLineEndings(" ")}";
            return null;
        }
    }

    /// <summary>Says what is wrong with a token; null when nothing is.</summary>
    public static string? Judge(string token) =>
        token.AsSpan().ContainsAnyExceptInRange('!', '~') ? "has more than one word; allowed: one token of printable characters"
        : token.Length < (token.All(char.IsAsciiHexDigit) ? MinHexLength : MinLength) ? "has a token of less than 128 bits; allowed: 'openssl rand -hex 16' or longer"
        : null;

    /// <summary>Whether a request carries it. Takes as long for a wrong one.</summary>
    public bool IsIn(HttpRequest request)
        => request.Headers.Authorization is [{ } only] && only.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Hash(only["Bearer ".Length..].Trim()), _hash);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
