namespace DnsFlow.Protocol.Rdata;

/// <summary>Words that may stand for numbers in the presentation form.</summary>
internal static class NumberMnemonics
{
    /// <summary>DNSSEC algorithms (RFC 4034 appendix A.1 and its IANA registry).</summary>
    public static readonly Dictionary<string, ushort> Algorithms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["DELETE"] = 0, ["RSAMD5"] = 1, ["DH"] = 2, ["DSA"] = 3, ["ECC"] = 4, ["RSASHA1"] = 5, ["NSEC3DSA"] = 6, ["DSA-NSEC3-SHA1"] = 6,
        ["NSEC3RSASHA1"] = 7, ["RSASHA1-NSEC3-SHA1"] = 7, ["RSASHA256"] = 8, ["RSASHA512"] = 10, ["ECCGOST"] = 12, ["ECC-GOST"] = 12,
        ["ECDSAP256SHA256"] = 13, ["ECDSA256"] = 13, ["ECDSAP384SHA384"] = 14, ["ECDSA384"] = 14, ["ED25519"] = 15, ["ED448"] = 16,
        ["INDIRECT"] = 252, ["PRIVATEDNS"] = 253, ["PRIVATEOID"] = 254,
    };

    /// <summary>DSYNC schemes (RFC 9859 section 6.2).</summary>
    public static readonly Dictionary<string, ushort> SynchronizationSchemes = new(StringComparer.OrdinalIgnoreCase) { ["NOTIFY"] = 1 };

    /// <summary>CERT types (RFC 4398 section 2.1).</summary>
    public static readonly Dictionary<string, ushort> CertificateTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PKIX"] = 1, ["SPKI"] = 2, ["PGP"] = 3, ["IPKIX"] = 4, ["ISPKI"] = 5, ["IPGP"] = 6, ["ACPKIX"] = 7, ["IACPKIX"] = 8,
        ["URI"] = 253, ["OID"] = 254,
    };
}
