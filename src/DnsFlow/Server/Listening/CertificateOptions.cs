namespace DnsFlow.Server.Listening;

/// <summary>One more certificate of a listener (<c>DnsFlow:Listeners:NAME:MoreCertificates</c>).</summary>
public sealed class CertificateOptions
{
    /// <summary>PEM with its chain, or PKCS #12 (.pfx, .p12).</summary>
    public string? Certificate { get; set; }

    /// <summary>Its private key in PEM; null = it is in the file of the certificate.</summary>
    public string? Key { get; set; }
}
