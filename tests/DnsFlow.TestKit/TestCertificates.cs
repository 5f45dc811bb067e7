using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DnsFlow.TestKit;

/// <summary>Certificates for tests, in PEM.</summary>
internal static class TestCertificates
{
    /// <summary>A self-signed one for a name; <paramref name="use"/> is the only thing it may be used for (an extended key usage).</summary>
    public static (string Certificate, string Key) Make(string name, DateTimeOffset? notAfter = null, string? use = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        if (use is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        }

        var until = notAfter ?? new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), until);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>One with an RSA key that nobody takes any more.</summary>
    public static string MakeWeak()
    {
        using var key = RSA.Create(1_024);
        var request = new CertificateRequest("CN=weak.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem();
    }
}
