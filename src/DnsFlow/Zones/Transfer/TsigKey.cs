using System.Security.Cryptography;
using DnsFlow.Protocol;

namespace DnsFlow.Zones.Transfer;

/// <summary>A secret shared with a primary (RFC 8945).</summary>
internal sealed class TsigKey
{
    /// <summary>The algorithms: SHA-2, and SHA-1 for old primaries (RFC 8945 section 6). HMAC-MD5 must not be used.</summary>
    public static readonly IReadOnlyDictionary<string, HashAlgorithmName> Algorithms = new Dictionary<string, HashAlgorithmName>(StringComparer.OrdinalIgnoreCase)
    {
        ["hmac-sha256"] = HashAlgorithmName.SHA256,
        ["hmac-sha384"] = HashAlgorithmName.SHA384,
        ["hmac-sha512"] = HashAlgorithmName.SHA512,
        ["hmac-sha1"] = HashAlgorithmName.SHA1,
    };

    private readonly byte[] _secret;

    /// <summary>Makes a key of a name, one of <see cref="Algorithms"/> and the secret.</summary>
    public TsigKey(DomainName name, string algorithm, byte[] secret)
    {
        Name = Lower(name);
        AlgorithmName = Lower(DomainName.Parse(algorithm + "."));
        Hash = Algorithms[algorithm];
        _secret = secret;
    }

    /// <summary>The key's name in wire form, lower case.</summary>
    public byte[] Name { get; }

    /// <summary>The algorithm's name in wire form, lower case.</summary>
    public byte[] AlgorithmName { get; }

    /// <summary>The hash.</summary>
    public HashAlgorithmName Hash { get; }

    /// <summary>Begins a keyed hash.</summary>
    public IncrementalHash Begin() => IncrementalHash.CreateHMAC(Hash, _secret);

    private static byte[] Lower(DomainName name)
    {
        var lowered = new byte[name.Length];
        WireName.ToLower(name.Wire, lowered);
        return lowered;
    }
}
