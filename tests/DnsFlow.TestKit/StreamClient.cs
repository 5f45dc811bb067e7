using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace DnsFlow.TestKit;

/// <summary>A client's TCP connection: frames messages and takes them apart.</summary>
public sealed class StreamClient : IDisposable
{
    private readonly TcpClient _client;

    private StreamClient(TcpClient client) => _client = client;

    /// <summary>The socket, for what only a bad client does.</summary>
    public Socket Socket => _client.Client;

    public static async Task<StreamClient> ConnectAsync(IPEndPoint endpoint)
    {
        var client = new TcpClient(endpoint.AddressFamily) { NoDelay = true };
        await client.ConnectAsync(endpoint);
        return new StreamClient(client);
    }

    /// <summary>Sends messages in one write.</summary>
    public async Task SendAsync(params byte[][] messages)
    {
        var block = new MemoryStream();
        foreach (var message in messages)
        {
            block.Write([(byte)(message.Length >> 8), (byte)message.Length]);
            block.Write(message);
        }

        await Socket.SendAsync(block.ToArray());
    }

    /// <summary>The next message; null when the other side has ended in good order. A reset is a <see cref="SocketException"/>.</summary>
    public async Task<byte[]?> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var length = new byte[2];
        if (!await FillAsync(length, patience.Token))
        {
            return null;
        }

        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        return await FillAsync(message, patience.Token) ? message : null;
    }

    /// <summary>Reads until the other side ends. Returns whether it ended by a reset.</summary>
    public async Task<bool> IsResetAsync()
    {
        try
        {
            while (await ReceiveAsync() is not null)
            {
            }

            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    public void Dispose() => _client.Dispose();

    // Not by a NetworkStream: that one refuses to read after a half close.
    private async Task<bool> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            var count = await Socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            if (count == 0)
            {
                return false;
            }

            buffer = buffer[count..];
        }

        return true;
    }
}
