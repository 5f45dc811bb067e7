using System.Net.Sockets;

namespace DnsFlow.Transports.Tcp;

/// <summary>Watches sockets for something to read.</summary>
internal interface IReadiness
{
    /// <summary>Begins to watch a socket, which is in non-blocking mode and read by one owner until nothing is left before each wait.</summary>
    IReadSignal Watch(Socket socket);
}
