namespace DnsFlow.Transports.Udp.Linux;

/// <summary>The error numbers of Linux that the datagram sockets tell apart.</summary>
internal static class ErrorNumber
{
    /// <summary>EINTR: a signal came; call again.</summary>
    public const int Interrupted = 4;

    /// <summary>EAGAIN: nothing to read, or no room to send.</summary>
    public const int WouldBlock = 11;

    /// <summary>ENOMEM: the kernel had no memory for the datagram.</summary>
    public const int NoMemory = 12;

    /// <summary>EMSGSIZE: a datagram was larger than the path allows.</summary>
    public const int MessageSize = 90;

    /// <summary>ENOBUFS: a queue of the network device was full.</summary>
    public const int NoBuffers = 105;

    /// <summary>ECONNREFUSED: port unreachable.</summary>
    public const int ConnectionRefused = 111;

    /// <summary>
    /// Whether it is a report about the peer, brought by ICMP or by routing: ENONET, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH, ECONNREFUSED,
    /// EHOSTDOWN, EHOSTUNREACH, EACCES and EPERM (administratively prohibited).
    /// </summary>
    public static bool IsAboutPeer(int error) => error is ConnectionRefused or 1 or 13 or 64 or 71 or 92 or 100 or 101 or 112 or 113;

    /// <summary>Whether it may say that segments cannot be sent this way: EIO, EINVAL, EMSGSIZE, EOPNOTSUPP.</summary>
    public static bool IsAboutSegments(int error) => error is 5 or 22 or MessageSize or 95;
}
