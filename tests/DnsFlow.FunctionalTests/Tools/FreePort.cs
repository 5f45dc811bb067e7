using System.Net;
using System.Net.Sockets;

namespace DnsFlow.FunctionalTests.Tools;

/// <summary>
/// Ports for programs that cannot be told "any free one". They lie below the range that the kernel gives to clients, so that no test's own socket takes
/// one before the program does.
/// </summary>
internal static class FreePort
{
    private const int First = 10_000;
    private const int Count = 20_000;

    private static int s_last = Environment.ProcessId * 97;

    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref s_last) % Count);
            try
            {
                using var tcp = new TcpListener(IPAddress.Loopback, port);
                tcp.Start();
                using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // The port is taken: the next one.
            }
        }
    }
}
