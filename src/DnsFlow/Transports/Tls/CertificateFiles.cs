namespace DnsFlow.Transports.Tls;

/// <summary>Where a certificate lies.</summary>
/// <param name="Certificate">PEM with the chain behind the certificate, or PKCS #12 when it ends in .pfx or .p12.</param>
/// <param name="Key">The private key in PEM; null = it is in the same file.</param>
internal sealed record CertificateFiles(string Certificate, string? Key)
{
    /// <summary>Whether it is PKCS #12, which holds the key too.</summary>
    public bool IsPkcs12 => Certificate.EndsWith(".pfx", StringComparison.OrdinalIgnoreCase) || Certificate.EndsWith(".p12", StringComparison.OrdinalIgnoreCase);

    /// <summary>What tells that the files were changed.</summary>
    public (FileState Certificate, FileState Key) Look() => (FileState.Of(Certificate), Key is null ? default : FileState.Of(Key));
}
