namespace DnsFlow.Transports.Tls;

/// <summary>A server is not believed, or does not speak TLS as it should. The message is the reason, for people.</summary>
internal sealed class TlsRefusedException : IOException
{
    /// <summary>Makes the exception.</summary>
    public TlsRefusedException(string message, bool isUntrusted, Exception? inner = null)
        : base(message, inner) => IsUntrusted = isUntrusted;

    /// <summary>Whether its certificate or key is the reason, else the protocol.</summary>
    public bool IsUntrusted { get; }
}
