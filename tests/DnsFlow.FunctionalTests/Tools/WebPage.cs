using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DnsFlow.FunctionalTests.Tools;

/// <summary>A web server on a free port of 127.0.0.1 that has one page for whoever connects.</summary>
internal sealed class WebPage : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _response;

    public WebPage(string text)
    {
        _response = Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\nConnection: close\r\n\r\n{text}");
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                // A browser connects in advance, too, and says nothing then.
                if (await socket.ReceiveAsync(new byte[16_384]) > 0)
                {
                    await socket.SendAsync(_response);
                    socket.Shutdown(SocketShutdown.Send);
                    while (await socket.ReceiveAsync(new byte[4_096]) > 0)
                    {
                    }
                }
            }
            catch (SocketException)
            {
                // The client went away.
            }
        }
    }
}
