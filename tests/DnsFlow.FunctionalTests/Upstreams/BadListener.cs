using System.Net;
using System.Net.Sockets;

namespace DnsFlow.FunctionalTests.Upstreams;

/// <summary>Takes connections and does not speak as it should.</summary>
internal sealed class BadListener : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _taken = [];

    public BadListener(string fault)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(64);
        _ = ServeAsync(fault);
    }

    public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndPoint!;

    public void Dispose()
    {
        _listener.Dispose();
        lock (_taken)
        {
            _taken.ForEach(static socket => socket.Dispose());
        }
    }

    private async Task ServeAsync(string fault)
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync();
                lock (_taken)
                {
                    _taken.Add(socket);
                }

                await BehaveAsync(socket, fault);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task BehaveAsync(Socket socket, string fault)
    {
        switch (fault)
        {
            case "closed after connecting":
                socket.Dispose();
                break;
            case "half a handshake":
                await socket.SendAsync(new byte[] { 22, 3, 3, 0, 100, 2, 0, 0, 90, 3, 3 });
                break;
            case "plain text":
                await socket.SendAsync("220 mail.test ESMTP\r\n"u8.ToArray());
                break;
        }
    }
}
