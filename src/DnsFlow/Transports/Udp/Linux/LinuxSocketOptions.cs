using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Udp.Linux;

/// <summary>The options of Linux datagram sockets the framework has no names for.</summary>
internal static unsafe class LinuxSocketOptions
{
    private const int LevelSocket = 1;
    private const int LevelIPv4 = 0;
    private const int LevelIPv6 = 41;

    /// <summary>Asks for the buffers. Beyond the system's limit a privileged process gets them by force, others get the limit.</summary>
    public static void SetBuffers(Socket socket, DatagramSocketOptions options)
    {
        SetBuffer(socket, force: 33, plain: 8, options.ReceiveBufferBytes);
        SetBuffer(socket, force: 32, plain: 7, options.SendBufferBytes);
    }

    /// <summary>Lets further sockets of this process's user that ask for it too bind to the same address (SO_REUSEPORT).</summary>
    public static void ShareAddress(Socket socket) => Set(socket, LevelSocket, 15, 1);

    /// <summary>
    /// Asks for the local address of each datagram. An IPv6 socket reports IPv4 datagrams by the same message, so the IPv4 option stays off:
    /// two messages a datagram help nobody.
    /// </summary>
    public static void RequestPacketInfo(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.InterNetwork)
        {
            Set(socket, LevelIPv4, 8, 1); // IP_PKTINFO
        }
        else
        {
            Set(socket, LevelIPv6, 49, 1); // IPV6_RECVPKTINFO
        }
    }

    /// <summary>
    /// Sends no fragments: DF is set and what is larger than the interface allows is refused. IP_PMTUDISC_PROBE, because it ignores the path
    /// MTU the kernel learned: a forged ICMP message cannot make our datagrams too large.
    /// </summary>
    public static void ForbidFragments(Socket socket)
    {
        const int probe = 3;
        Set(socket, LevelIPv4, 10, probe); // IP_MTU_DISCOVER; an IPv6 socket may send IPv4 too
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
        {
            Set(socket, LevelIPv6, 23, probe); // IPV6_MTU_DISCOVER
            Set(socket, LevelIPv6, 62, 1); // IPV6_DONTFRAG
        }
    }

    /// <summary>Keeps an inherited descriptor from the programs we start; the framework's own sockets have it from birth.</summary>
    public static void CloseOnExec(Socket socket)
    {
        const int setFlags = 2;
        const int closeOnExec = 1;
        _ = Libc.DescriptorControl((int)socket.Handle, setFlags, closeOnExec);
    }

    /// <summary>
    /// How many datagrams the kernel dropped at this socket. Asked for (SO_MEMINFO) and not received with each datagram (SO_RXQ_OVFL): it is
    /// exact although no datagram came after the loss, and costs nothing on the way of a datagram. 0 where the kernel does not know the question.
    /// </summary>
    public static long ReadDrops(int descriptor)
    {
        const int memoryInfo = 55;
        const int dropsIndex = 8;
        var values = stackalloc uint[dropsIndex + 1];
        var length = (uint)(sizeof(uint) * (dropsIndex + 1));
        return Libc.GetSocketOption(descriptor, LevelSocket, memoryInfo, values, &length) == 0 && length > dropsIndex * sizeof(uint)
            ? values[dropsIndex]
            : 0;
    }

    /// <summary>Whether the kernel can cut what one call sends into datagrams (UDP_SEGMENT, Linux 4.18). Whether the device can is known by the first attempt.</summary>
    public static bool KnowsSegments(int descriptor)
    {
        var value = 0;
        var length = (uint)sizeof(int);
        return Libc.GetSocketOption(descriptor, SegmentSize.Level, SegmentSize.Type, &value, &length) == 0;
    }

    /// <summary>The address the kernel has bound a socket to.</summary>
    public static FlowEndpoint ReadLocalEndpoint(int descriptor)
    {
        var address = default(KernelAddress);
        var length = KernelAddress.MaxLength;
        return Libc.GetSocketName(descriptor, &address, &length) == 0 ? address.Read() : default;
    }

    private static void SetBuffer(Socket socket, int force, int plain, int octets)
    {
        if (Libc.SetSocketOption((int)socket.Handle, LevelSocket, force, &octets, sizeof(int)) != 0)
        {
            // The kernel caps the plain option at its limit and reports no error; less room means more drops, which are counted.
            _ = Libc.SetSocketOption((int)socket.Handle, LevelSocket, plain, &octets, sizeof(int));
        }
    }

    private static void Set(Socket socket, int level, int name, int value) =>
        socket.SetRawSocketOption(level, name, new ReadOnlySpan<byte>(&value, sizeof(int)));
}
