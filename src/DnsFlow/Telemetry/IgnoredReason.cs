namespace DnsFlow.Telemetry;

/// <summary>Why a datagram or message was not taken for a query, or a reply not for an answer. None of them is counted as a query.</summary>
public enum IgnoredReason
{
    /// <summary>A client sent less than a header.</summary>
    TooShort,

    /// <summary>A client sent a response (QR=1).</summary>
    NotAQuery,

    /// <summary>The source port was 0, or the source was one of our listeners.</summary>
    ImpossibleSource,

    /// <summary>The client is outside the listener's access list.</summary>
    NotAllowed,

    /// <summary>The flow was discarded.</summary>
    Discarded,

    /// <summary>An upstream's reply matched no question in flight (id, name, type, class, QR or opcode).</summary>
    MismatchedReply,

    /// <summary>An upstream's reply could not be parsed.</summary>
    MalformedReply,

    /// <summary>A response came after its flow had ended or its question was answered.</summary>
    Late,

    /// <summary>A TLS handshake that failed: no TLS at all, no protocol in common, no trust, or not done in time.</summary>
    Handshake,

    /// <summary>What a trusted load balancer sent did not begin with a header of the PROXY protocol.</summary>
    ProxyHeader,

    /// <summary>An HTTPS request that carried no query: another path, method, media type, a body or URI too long, no DNS message.</summary>
    HttpRequest,

    /// <summary>An HTTPS connection that was ended for what it did: broken frames, headers without an end, streams reset again and again.</summary>
    HttpProtocol,

    /// <summary>A message of a stream that was not complete in its time; its flow was closed.</summary>
    IncompleteMessage,
}
