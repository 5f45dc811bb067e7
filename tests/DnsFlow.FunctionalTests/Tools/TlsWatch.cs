using System.Net;
using System.Net.Sockets;

namespace DnsFlow.FunctionalTests.Tools;

/// <summary>
/// Stands between a client and a TLS server and reads what anybody could: which handshakes resumed a session (RFC 8446 section 2.2, RFC 5246 section 7.3), and how the
/// client ended.
/// </summary>
internal sealed class TlsWatch : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _server;
    private readonly List<TlsConversation> _conversations = [];
    private readonly CancellationTokenSource _stopping = new();

    public TlsWatch(IPEndPoint server)
    {
        _server = server;
        _listener.Start();
        _ = AcceptAsync();
    }

    public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>The connections so far, in the order in which they came.</summary>
    public IReadOnlyList<TlsConversation> Conversations
    {
        get
        {
            lock (_conversations)
            {
                return [.. _conversations];
            }
        }
    }

    /// <summary>Breaks all connections, and each side hears nothing but that.</summary>
    public void Cut()
    {
        foreach (var conversation in Conversations)
        {
            conversation.Cut.Cancel();
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                var conversation = new TlsConversation();
                lock (_conversations)
                {
                    _conversations.Add(conversation);
                }

                _ = RelayAsync(client, conversation);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(Socket client, TlsConversation conversation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, conversation.Cut.Token);
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                await server.ConnectAsync(_server, ending.Token);
                await Task.WhenAll(CopyAsync(client, server, conversation.FromClient, ending), CopyAsync(server, client, conversation.FromServer, ending));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // One side broke off, so we do with the other one.
                client.LingerState = new LingerOption(enable: true, seconds: 0);
                server.LingerState = client.LingerState;
            }
        }

        conversation.FromClient.IsEnded = true;
    }

    private static async Task CopyAsync(Socket from, Socket to, TlsRecords records, CancellationTokenSource ending)
    {
        try
        {
            var buffer = new byte[32_768];
            while (await from.ReceiveAsync(buffer, ending.Token) is > 0 and var count)
            {
                records.Add(buffer.AsSpan(0, count));
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), ending.Token);
                }
            }

            records.IsEnded = true;
            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            await ending.CancelAsync();
            throw;
        }
    }
}
