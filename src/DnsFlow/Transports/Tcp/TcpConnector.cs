using System.Net.Sockets;
using DnsFlow.Flows;

namespace DnsFlow.Transports.Tcp;

/// <summary>Opens TCP connections whose octets are relayed as they are.</summary>
internal static class TcpConnector
{
    private static readonly TimeSpan s_connectTime = TimeSpan.FromSeconds(1);

    /// <summary>Connects within a second; null when nobody is there.</summary>
    public static async ValueTask<IStreamTransport?> ConnectAsync(FlowEndpoint address, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.Family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.ToIPEndPoint(), cancellationToken).AsTask().WaitAsync(s_connectTime, time, cancellationToken).ConfigureAwait(false);
            return new TcpStreamTransport(socket, time);
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException or OperationCanceledException)
        {
            socket.Dispose();       // refused, unreachable, too slow, or no longer wanted: the caller tries another or gives up
            return null;
        }
    }
}
