namespace DnsFlow.Transports.Udp;

/// <summary>How much the kernel may hold for one datagram socket. It is charged when used, not in advance.</summary>
internal sealed record DatagramSocketOptions
{
    /// <summary>Room for what arrived and was not read yet, in octets; the system may grant less.</summary>
    public int ReceiveBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Room for what was sent and has not left yet, in octets; the system may grant less.</summary>
    public int SendBufferBytes { get; init; } = 1024 * 1024;
}
