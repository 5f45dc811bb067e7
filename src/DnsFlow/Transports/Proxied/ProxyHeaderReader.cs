using System.Net.Sockets;

namespace DnsFlow.Transports.Proxied;

/// <summary>Reads the header at the beginning of a connection, and not an octet more: the next one is the client's.</summary>
internal static class ProxyHeaderReader
{
    /// <summary>How long a load balancer may take for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Reads it; null when there is none, it is wrong, or it does not come in time.</summary>
    public static async Task<ProxyHeader?> ReadAsync(Socket socket, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        var octets = new byte[ProxyHeader.MaxLength];
        try
        {
            var length = await FillAsync(socket, octets, 0, ProxyHeader.MinLength, deadline.Token).ConfigureAwait(false);
            length = ProxyHeader.IsBinary(octets)
                ? await ReadBinaryAsync(socket, octets, length, deadline.Token).ConfigureAwait(false)
                : await ReadTextAsync(socket, octets, length, deadline.Token).ConfigureAwait(false);
            return ProxyHeader.TryRead(octets.AsSpan(0, length), out var header) && header.Length == length ? header : null;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException or EndOfStreamException)
        {
            return null;
        }
    }

    private static async Task<int> ReadBinaryAsync(Socket socket, byte[] octets, int length, CancellationToken cancellationToken)
    {
        length = await FillAsync(socket, octets, length, ProxyHeader.BinaryPrefix, cancellationToken).ConfigureAwait(false);
        var end = ProxyHeader.BinaryLength(octets);
        return end > ProxyHeader.MaxLength ? 0 : await FillAsync(socket, octets, length, end, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> ReadTextAsync(Socket socket, byte[] octets, int length, CancellationToken cancellationToken)
    {
        while (octets[length - 1] != '\n' && length < ProxyHeader.MaxTextLength)
        {
            length = await FillAsync(socket, octets, length, length + 1, cancellationToken).ConfigureAwait(false);
        }

        return length;
    }

    private static async Task<int> FillAsync(Socket socket, byte[] octets, int from, int to, CancellationToken cancellationToken)
    {
        while (from < to)
        {
            var count = await socket.ReceiveAsync(octets.AsMemory(from, to - from), SocketFlags.None, cancellationToken).ConfigureAwait(false);
            from += count > 0 ? count : throw new EndOfStreamException();
        }

        return from;
    }
}
