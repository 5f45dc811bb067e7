using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace DnsFlow.Flows.Linux;

/// <summary>Reads the kernel's neighbour table (ARP and neighbour discovery) through rtnetlink. Blocks for some microseconds: never on a data-plane thread.</summary>
internal static partial class NeighbourDump
{
    private const int Netlink = 16;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int HeaderSize = 16;
    private const int BodySize = 12;
    private const ushort GetNeighbours = 30;
    private const ushort RequestDump = 0x301;

    /// <summary>Every neighbour with its link-layer address; empty when the kernel does not say.</summary>
    [SupportedOSPlatform("linux")]
    public static IReadOnlyList<(IPAddress Address, byte[] Link)> Read()
    {
        var found = new List<(IPAddress, byte[])>();
        var socket = OpenSocket(Netlink, RawCloseOnExec, 0);
        if (socket < 0)
        {
            return found;
        }

        try
        {
            var request = Request();
            var buffer = new byte[32_768];
            if (Send(socket, request, (nuint)request.Length, 0) < 0)
            {
                return found;
            }

            for (int length; (length = (int)Receive(socket, buffer, (nuint)buffer.Length, 0)) > 0;)
            {
                if (NeighbourMessages.Parse(buffer.AsSpan(0, length), found))
                {
                    break;
                }
            }

            return found;
        }
        finally
        {
            _ = Close(socket);
        }
    }

    private static byte[] Request()
    {
        var request = new byte[HeaderSize + BodySize];
        MemoryMarshal.Write(request.AsSpan(0), request.Length);
        MemoryMarshal.Write(request.AsSpan(4), GetNeighbours);
        MemoryMarshal.Write(request.AsSpan(6), RequestDump);
        MemoryMarshal.Write(request.AsSpan(8), 1);
        return request;
    }

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint Send(int socket, [In] byte[] data, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv")]
    private static partial nint Receive(int socket, [Out] byte[] data, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int socket);
}
