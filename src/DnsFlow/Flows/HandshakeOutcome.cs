namespace DnsFlow.Flows;

/// <summary>How the handshake of a stream flow ended.</summary>
internal enum HandshakeOutcome
{
    /// <summary>The flow can be read and written; also when its transport has no handshake.</summary>
    Done,

    /// <summary>The client spoke something else, offered nothing we do, did not trust us, or went away.</summary>
    Failed,

    /// <summary>Too many handshakes are under way, or the client begins too many.</summary>
    Crowded,
}
