using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DnsFlow.TestKit;

/// <summary>An authority for tests that signs certificates for servers.</summary>
public sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset s_begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_end = new(2090, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _authority;
    private byte _serial;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(s_begin, s_end);
    }

    /// <summary>Its certificate in PEM, for <c>CaFile</c>.</summary>
    public string Pem => _authority.ExportCertificatePem();

    /// <summary>A certificate with its key, for names and addresses, in force unless said otherwise.</summary>
    public X509Certificate2 Issue(string names, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test server", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Split(','))
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        using var signed = request.Create(_authority, notBefore ?? s_begin, notAfter ?? s_end, [1, ++_serial]);
        using var withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null);
    }

    /// <summary>Writes a certificate and its key in PEM and returns their paths.</summary>
    public static (string Certificate, string Key) Write(string folder, string name, X509Certificate2 certificate)
    {
        var paths = (Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + ".key"));
        File.WriteAllText(paths.Item1, certificate.ExportCertificatePem());
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(paths.Item2, key.ExportPkcs8PrivateKeyPem());
        return paths;
    }

    public void Dispose() => _authority.Dispose();
}
