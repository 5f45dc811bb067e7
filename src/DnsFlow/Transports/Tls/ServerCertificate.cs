using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DnsFlow.Transports.Tls;

/// <summary>A certificate with its key and chain, ready for handshakes.</summary>
internal sealed class ServerCertificate
{
    private const int MinRsaBits = 2_048;        // with less, every handshake fails

    private ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        Leaf = leaf;
        Context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    /// <summary>The certificate.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>What handshakes use; sessions are resumed as long as it stays the same.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>The pin of its public key: SHA-256 over the SubjectPublicKeyInfo, in base64 (RFC 7858 section 4.2).</summary>
    public string Pin => Convert.ToBase64String(SHA256.HashData(Leaf.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <summary>Whether it vouches for itself, so that clients have to be told about it.</summary>
    public bool IsSelfSigned => Leaf.SubjectName.RawData.AsSpan().SequenceEqual(Leaf.IssuerName.RawData);

    /// <summary>Reads and judges the files; null with a sentence that says what is wrong with which file.</summary>
    public static ServerCertificate? TryLoad(CertificateFiles files, DateTimeOffset now, out string error)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            var leaf = files.IsPkcs12 ? LoadPkcs12(files.Certificate, chain) : LoadPem(files, chain);
            error = Judge(leaf, files, now);
            return error.Length == 0 ? new ServerCertificate(leaf, chain) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            error = Explain(files, exception);
            return null;
        }
    }

    /// <summary>Whether it is for a name that a client sent (SNI).</summary>
    public bool IsFor(string name) => Leaf.MatchesHostname(name, allowWildcards: true, allowCommonName: false);

    private static X509Certificate2 LoadPem(CertificateFiles files, X509Certificate2Collection chain)
    {
        chain.ImportFromPem(File.ReadAllText(files.Certificate));
        if (chain.Count == 0)
        {
            throw new CryptographicException("it has no certificate");
        }

        chain.RemoveAt(0);
        using var leaf = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key ?? files.Certificate);
        return X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null);      // some systems cannot use a key that was never stored
    }

    private static X509Certificate2 LoadPkcs12(string file, X509Certificate2Collection chain)
    {
        chain.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(file, null));
        var leaf = chain.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException("it has no certificate with its private key");
        chain.Remove(leaf);
        return leaf;
    }

    private static string Judge(X509Certificate2 leaf, CertificateFiles files, DateTimeOffset now)
        => now > leaf.NotAfter ? $"{files.Certificate}: the certificate has expired on {leaf.NotAfter.ToUniversalTime():yyyy-MM-dd}"
            : now < leaf.NotBefore ? $"{files.Certificate}: the certificate is not valid before {leaf.NotBefore.ToUniversalTime():yyyy-MM-dd}"
            : RsaBits(leaf) is > 0 and < MinRsaBits and var bits ? $"{files.Certificate}: its RSA key has {bits} bits, and TLS wants {MinRsaBits} at least"
            : "";

    private static int RsaBits(X509Certificate2 leaf)
    {
        using var key = leaf.GetRSAPublicKey();
        return key?.KeySize ?? 0;
    }

    private static string Explain(CertificateFiles files, Exception exception)
    {
        var key = files.Key ?? files.Certificate;
        return exception switch
        {
            FileNotFoundException or DirectoryNotFoundException => $"{(File.Exists(files.Certificate) ? key : files.Certificate)}: there is no such file",
            UnauthorizedAccessException => $"{files.Certificate}, {key}: not permitted to read it",
            _ when files.IsPkcs12 => $"{files.Certificate}: {exception.Message}",
            ArgumentException or CryptographicException when IsCertificate(files.Certificate) =>
                $"{key}: not the private key of {files.Certificate}, or not readable as one ({exception.Message})",
            _ => $"{files.Certificate}: not a certificate in PEM ({exception.Message})",
        };
    }

    private static bool IsCertificate(string file)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
            return true;
        }
        catch (CryptographicException)
        {
            return false;       // which is what was asked
        }
    }
}
