namespace DnsFlow.Transports.Udp.Linux;

/// <summary>What the headers of a batch were last made ready for.</summary>
internal enum HeaderUse
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>Sending.</summary>
    Send,

    /// <summary>Receiving from the one peer of a connected socket.</summary>
    ReceiveConnected,

    /// <summary>Receiving, with the sender's address.</summary>
    ReceiveWithName,

    /// <summary>Receiving, with the sender's address and the local address.</summary>
    ReceiveWithPacketInfo,
}
