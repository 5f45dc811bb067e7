using System.Net;
using System.Net.Sockets;

namespace DnsFlow.FunctionalTests.Tools;

/// <summary>Ports for programs that cannot be told "any free one": bound for UDP and TCP at once, then given up for the program.</summary>
internal static class FreePort
{
    public static int Next()
    {
        while (true)
        {
            using var tcp = new TcpListener(IPAddress.Loopback, 0);
            tcp.Start();
            var port = ((IPEndPoint)tcp.LocalEndpoint).Port;
            try
            {
                using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // The port is taken for UDP: another one.
            }
        }
    }
}
