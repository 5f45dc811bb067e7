using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DnsFlow.Transports.Dialing;

/// <summary>Asks a proxy for a tunnel, over a connection to it. Names are resolved by the proxy.</summary>
internal static class ProxyTunnel
{
    private const int MaxHead = 4_096;

    /// <summary>Has the stream lead to <paramref name="host"/>. Throws <see cref="IOException"/> with the reason when the proxy does not do so.</summary>
    public static Task OpenAsync(Stream stream, ProxyAddress proxy, string host, int port, CancellationToken cancellationToken)
        => proxy.IsSocks ? OpenSocksAsync(stream, host, port, cancellationToken) : OpenHttpAsync(stream, host, port, cancellationToken);

    private static async Task OpenSocksAsync(Stream stream, string host, int port, CancellationToken cancellationToken)
    {
        var answer = new byte[262];
        await stream.WriteAsync(new byte[] { 5, 1, 0 }, cancellationToken).ConfigureAwait(false);
        await stream.ReadExactlyAsync(answer.AsMemory(0, 2), cancellationToken).ConfigureAwait(false);
        if (answer is not [5, 0, ..])
        {
            throw new IOException("the proxy is not a SOCKS5 proxy without a password");
        }

        await stream.WriteAsync(SocksRequest(host, port), cancellationToken).ConfigureAwait(false);
        await stream.ReadExactlyAsync(answer.AsMemory(0, 5), cancellationToken).ConfigureAwait(false);
        if (answer is not [5, 0, ..])
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"the proxy does not connect (SOCKS5 reply {answer[1]})"));
        }

        // The address it connected from, which nobody needs, and its port.
        var rest = answer[3] switch { 1 => 3, 4 => 15, 3 => answer[4], _ => throw new IOException("the proxy's reply cannot be read") };
        await stream.ReadExactlyAsync(answer.AsMemory(0, rest + 2), cancellationToken).ConfigureAwait(false);
    }

    private static byte[] SocksRequest(string host, int port)
    {
        byte[] target = !IPAddress.TryParse(host, out var address) ? [3, (byte)host.Length, .. Encoding.ASCII.GetBytes(host)]
            : address.AddressFamily == AddressFamily.InterNetwork ? [1, .. address.GetAddressBytes()]
            : [4, .. address.GetAddressBytes()];
        byte[] request = [5, 1, 0, .. target, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(request.Length - 2), (ushort)port);
        return request;
    }

    // Octet by octet: what comes behind the empty line belongs to the tunnel.
    private static async Task OpenHttpAsync(Stream stream, string host, int port, CancellationToken cancellationToken)
    {
        var target = string.Create(CultureInfo.InvariantCulture, $"{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}");
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"), cancellationToken).ConfigureAwait(false);
        var head = new byte[MaxHead];
        var length = 0;
        while (length < 4 || !head.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            if (length == MaxHead || await stream.ReadAsync(head.AsMemory(length, 1), cancellationToken).ConfigureAwait(false) == 0)
            {
                throw new IOException("the proxy's reply cannot be read");
            }

            length++;
        }

        var line = Encoding.ASCII.GetString(head, 0, Math.Max(0, head.AsSpan(0, length).IndexOf((byte)'\r')));
        if (line is not ['H', 'T', 'T', 'P', '/', '1', '.', _, ' ', '2', _, _, ..])
        {
            throw new IOException($"the proxy does not connect ({(line.Length > 80 ? line[..80] : line)})");
        }
    }
}
