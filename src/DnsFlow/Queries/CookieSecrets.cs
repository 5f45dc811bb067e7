using System.Buffers.Binary;
using System.Security.Cryptography;
using DnsFlow.Protocol;

namespace DnsFlow.Queries;

/// <summary>
/// The secrets of server cookies. From a file: the first one makes cookies, all of them are accepted (RFC 9018 section 5); servers behind one address share
/// it. Without a file: a random one of our own for each day, yesterday's being accepted too. Any thread.
/// </summary>
internal sealed class CookieSecrets
{
    private const long Day = 86_400;

    private readonly byte[]? _root;
    private volatile Active _active;

    /// <summary>Secrets of our own, made out of <paramref name="root"/>.</summary>
    public CookieSecrets(byte[] root)
    {
        _root = root;
        _active = new Active(long.MinValue, []);
    }

    /// <summary>Secrets that were configured, 16 octets each.</summary>
    public CookieSecrets(IReadOnlyList<byte[]> secrets) => _active = new Active(long.MaxValue, [.. secrets]);

    /// <summary>A root that nobody knows.</summary>
    public static CookieSecrets Random() => new(RandomNumberGenerator.GetBytes(32));

    /// <summary>The secrets in force at a time in seconds since 1970, the one that makes cookies first.</summary>
    public ReadOnlySpan<byte[]> At(long seconds)
    {
        var active = _active;
        var day = seconds / Day;
        if (_root is not null && active.Day != day)
        {
            _active = active = new Active(day, [Secret(day), Secret(day - 1)]);
        }

        return active.Secrets;
    }

    /// <summary>Reads a file: one secret of 32 hexadecimal digits a line, <c>#</c> begins a comment. Null, and what is wrong, when it is no such file.</summary>
    public static IReadOnlyList<byte[]>? Parse(string text, out string? problem)
    {
        var secrets = new List<byte[]>();
        problem = null;
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var value = line.Split('#')[0].Trim();
            if (value.Length == 0)
            {
                continue;
            }

            if (value.Length != 2 * SipHash.KeySize || !value.All(char.IsAsciiHexDigit))
            {
                problem = $"line {number} is not a secret of 32 hexadecimal digits";
                return null;
            }

            secrets.Add(Convert.FromHexString(value));
        }

        problem = secrets.Count == 0 ? "it has no secret" : secrets.Count > 8 ? "it has more than 8 secrets" : null;
        return problem is null ? secrets : null;
    }

    private byte[] Secret(long day)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, day);
        return HMACSHA256.HashData(_root!, number)[..SipHash.KeySize];
    }

    private sealed record Active(long Day, byte[][] Secrets);
}
