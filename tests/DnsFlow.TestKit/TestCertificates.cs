using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DnsFlow.TestKit;

/// <summary>Certificates for tests, in PEM.</summary>
internal static class TestCertificates
{
    /// <summary>A self-signed one for a name.</summary>
    public static (string Certificate, string Key) Make(string name, DateTimeOffset? notAfter = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var until = notAfter ?? new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), until);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
