using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace DnsFlow.Transports.Tls;

/// <summary>Judges the certificate of one handshake and keeps the reason when it is not believed.</summary>
internal sealed class TlsCertificateCheck(string name, bool isNamed, TlsTrust trust)
{
    private const int MaxNames = 3;

    /// <summary>Why the server is not believed, for people; null when it is or was not judged.</summary>
    public string? Problem { get; private set; }

    /// <summary>Judges; the signature is the framework's.</summary>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Problem = Judge(certificate as X509Certificate2, chain, errors);
        return Problem is null;
    }

    private string? Judge(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return "shows no certificate";
        }

        var isPinned = trust.Pins.Contains(TlsTrust.PinOf(certificate));
        var isPinAllProof = !isNamed && trust.Roots is null && !trust.Pins.IsEmpty;
        var problem = isPinAllProof || errors == SslPolicyErrors.None ? null : Explain(certificate, chain, errors);
        return problem ?? (trust.Pins.IsEmpty || isPinned ? null : $"its key is not one of Pins ({TlsTrust.PinOf(certificate)})");
    }

    private string Explain(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var status = chain?.ChainStatus ?? [];
        var at = chain?.ChainPolicy.VerificationTime ?? certificate.NotBefore;
        return certificate.NotAfter < at ? $"its certificate expired on {Day(certificate.NotAfter)}"
            : certificate.NotBefore > at ? $"its certificate is not valid before {Day(certificate.NotBefore)}"
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"its certificate is not for '{name}' but for {Names(certificate)}"
            : status.Any(static entry => entry.Status is X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.NotSignatureValid) ? "its certificate is not signed by an authority that is trusted"
            : status.Length > 0 ? $"its certificate is not valid: {status[0].Status}"
            : $"its certificate is not valid: {errors}";
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(static extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString())))
            .Take(MaxNames + 1).ToList();
        return names.Count == 0 ? "no name" : string.Join(", ", names.Take(MaxNames).Select(Printable)) + (names.Count > MaxNames ? ", …" : "");
    }

    // Whoever made the certificate chose these octets.
    private static string Printable(string text)
        => string.Concat(text.Take(80).Select(static letter => letter is > ' ' and < '\x7F' and not '\'' ? letter : '?'));

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
