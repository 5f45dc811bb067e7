using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DnsFlow.TestKit;

/// <summary>
/// A proxy on 127.0.0.1 that speaks SOCKS5 (RFC 1928) and HTTP CONNECT (RFC 9110), whichever a client begins with. It remembers what it was asked for and leads everybody to
/// the same place.
/// </summary>
/// <param name="destination">Where connections lead; null = it declines.</param>
public sealed class FakeProxy(IPEndPoint? destination) : IAsyncDisposable
{
    private readonly TcpListener _listener = Listen();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _targets = new();
    private Task? _accepting;

    /// <summary>Where it listens.</summary>
    public EndPoint Endpoint
    {
        get
        {
            _accepting ??= AcceptAsync();
            return _listener.LocalEndpoint;
        }
    }

    /// <summary>What was asked for, <c>host:port</c> each.</summary>
    public IReadOnlyCollection<string> Targets => _targets;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await (_accepting ?? Task.CompletedTask);
        _stopping.Dispose();
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var first = await ReadAsync(stream, 1);
                var isOpen = first[0] == 5 ? await OpenSocksAsync(stream) : await OpenHttpAsync(stream);
                if (!isOpen)
                {
                    return;
                }

                using var server = new TcpClient();
                await server.ConnectAsync(destination!, _stopping.Token);
                await Task.WhenAny(stream.CopyToAsync(server.GetStream(), _stopping.Token), server.GetStream().CopyToAsync(stream, _stopping.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
            }
        }
    }

    private async Task<bool> OpenSocksAsync(NetworkStream stream)
    {
        var methods = await ReadAsync(stream, 1);
        await ReadAsync(stream, methods[0]);
        await stream.WriteAsync(new byte[] { 5, 0 }, _stopping.Token);
        var request = await ReadAsync(stream, 4);
        var host = request[3] switch
        {
            1 => new IPAddress(await ReadAsync(stream, 4)).ToString(),
            4 => $"[{new IPAddress(await ReadAsync(stream, 16))}]",
            _ => Encoding.ASCII.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0])),
        };
        var port = await ReadAsync(stream, 2);
        _targets.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{host}:{(port[0] << 8) | port[1]}"));
        await stream.WriteAsync(new byte[] { 5, (byte)(destination is null ? 2 : 0), 0, 1, 127, 0, 0, 1, 0, 0 }, _stopping.Token);
        return destination is not null;
    }

    private async Task<bool> OpenHttpAsync(NetworkStream stream)
    {
        var head = new StringBuilder("C");
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadAsync(stream, 1))[0]);
        }

        _targets.Enqueue(head.ToString().Split(' ')[1]);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(destination is null ? "HTTP/1.1 403 Forbidden\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n"), _stopping.Token);
        return destination is not null;
    }

    private async Task<byte[]> ReadAsync(NetworkStream stream, int count)
    {
        var octets = new byte[count];
        await stream.ReadExactlyAsync(octets, _stopping.Token);
        return octets;
    }
}
