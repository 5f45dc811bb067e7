using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DnsFlow.Transports.Tls;

/// <summary>Whom a TLS client believes: roots, and keys by their pins. Compared by what it was made of, not by its certificates.</summary>
internal sealed class TlsTrust : IEquatable<TlsTrust>
{
    /// <summary>The roots of the system, no pins.</summary>
    public static TlsTrust System { get; } = new(null, [], "");

    private readonly string _identity;

    private TlsTrust(X509Certificate2Collection? roots, ImmutableArray<string> pins, string identity)
        => (Roots, Pins, _identity) = (roots, pins, identity);

    /// <summary>The roots that count instead of the system's; null = the system's.</summary>
    public X509Certificate2Collection? Roots { get; }

    /// <summary>Of the keys that count, one must be the server's: <c>sha256/</c> and the base64 of the SHA-256 of its SubjectPublicKeyInfo. Empty = any key.</summary>
    public ImmutableArray<string> Pins { get; }

    /// <summary>Makes a trust of a file of PEM certificates and pins. Throws <see cref="IOException"/> or <see cref="CryptographicException"/> when the file cannot be used.</summary>
    public static TlsTrust Load(string? file, IEnumerable<string> pins)
    {
        var sorted = pins.Select(Normalize).Order(StringComparer.Ordinal).ToImmutableArray();
        if (file is null)
        {
            return sorted.IsEmpty ? System : new TlsTrust(null, sorted, string.Join(' ', sorted));
        }

        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(File.ReadAllText(file));
        return roots.Count == 0
            ? throw new CryptographicException("it has no certificate in PEM")
            : new TlsTrust(roots, sorted, $"{string.Join(' ', roots.Select(static root => root.Thumbprint))} {string.Join(' ', sorted)}");
    }

    /// <summary>Whether a text is a pin: 32 octets in base64, <c>sha256/</c> before them or not.</summary>
    public static bool IsPin(string text)
    {
        Span<byte> octets = stackalloc byte[48];
        return Convert.TryFromBase64String(Normalize(text)["sha256/".Length..], octets, out var length) && length == SHA256.HashSizeInBytes;
    }

    /// <summary>The pin of a certificate's key.</summary>
    public static string PinOf(X509Certificate2 certificate)
        => "sha256/" + Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <inheritdoc/>
    public bool Equals(TlsTrust? other) => other is not null && other._identity == _identity;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TlsTrust);

    /// <inheritdoc/>
    public override int GetHashCode() => _identity.GetHashCode(StringComparison.Ordinal);

    private static string Normalize(string pin) => pin.StartsWith("sha256/", StringComparison.Ordinal) ? pin : "sha256/" + pin;
}
