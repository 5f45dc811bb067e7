using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DnsFlow.Transports.Tls;

/// <summary>Makes a certificate for whoever has none: kept in a file, so that what clients pinned stays right.</summary>
internal static class SelfSignedCertificate
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Writes a new certificate in PEM, which clients may have, and its key, which only its owner may read, for the names <c>localhost</c> and <c>dnsflow.home.arpa</c>, this
    /// machine's name and some addresses; valid for two years. Does nothing when the certificate is there. Returns what went wrong, or null.
    /// </summary>
    public static string? TryMake(string file, string keyFile, IEnumerable<IPAddress> addresses, DateTimeOffset now)
    {
        if (File.Exists(file))
        {
            return null;
        }

        try
        {
            var (certificate, key) = Make(addresses, now);
            var temporary = keyFile + ".new";
            File.WriteAllText(temporary, "");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(temporary, OwnerOnly);
            }

            File.WriteAllText(temporary, key);
            File.Move(temporary, keyFile, overwrite: true);
            File.WriteAllText(file, certificate);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{file}: cannot be written: {exception.Message}";
        }
    }

    private static (string Certificate, string Key) Make(IEnumerable<IPAddress> addresses, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=dnsflow", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        string[] own = ["localhost", "dnsflow.home.arpa", Environment.MachineName.ToLowerInvariant()];
        foreach (var name in own.Distinct())
        {
            names.AddDnsName(name);
        }

        foreach (var address in addresses.Append(IPAddress.Loopback).Append(IPAddress.IPv6Loopback).Distinct())
        {
            names.AddIpAddress(address);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(730));
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
