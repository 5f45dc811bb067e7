using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using DnsFlow.Limits;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// One datagram and the wait for its reply, on a socket of its own: a port of the kernel's choice and an ID from the system's random generator, so that
/// whoever cannot see the query has to guess both. What does not match is counted and the wait goes on; at twenty the server is to be asked over TCP.
/// </summary>
internal static class DatagramAttempt
{
    private const int BufferSize = 4_096;

    /// <summary>Asks; see <see cref="IUpstreamExchange.AskAsync"/>.</summary>
    public static async ValueTask<UpstreamResult> AskAsync(
        UpstreamSockets sockets, Upstream server, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        var buffer = Buffers.Rent(BufferSize);
        try
        {
            using var socket = sockets.ConnectDatagram(server);
            var id = WriteWithNewId(query.Span, buffer);
            await socket.SendAsync(buffer.AsMemory(0, query.Length), cancellationToken).ConfigureAwait(false);
            return await ReceiveAsync(socket, server, query, id, buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new UpstreamResult(null, UpstreamError.Abandoned, server);
        }
        catch (SocketException e)
        {
            // A closed port: Linux says refused, Windows reset.
            var error = e.SocketErrorCode == SocketError.ConnectionReset ? UpstreamError.Refused : UpstreamSockets.Describe(e.SocketErrorCode);
            return new UpstreamResult(null, error, server);
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }

    private static ushort WriteWithNewId(ReadOnlySpan<byte> query, Span<byte> destination)
    {
        query.CopyTo(destination);
        RandomNumberGenerator.Fill(destination[..2]);
        return BinaryPrimitives.ReadUInt16BigEndian(destination);
    }

    private static async ValueTask<UpstreamResult> ReceiveAsync(
        Socket socket, Upstream server, ReadOnlyMemory<byte> query, ushort id, byte[] buffer, CancellationToken cancellationToken)
    {
        for (var mismatches = 0; mismatches < ReplyMatcher.MaxMismatches; mismatches++)
        {
            var length = await socket.ReceiveAsync(buffer.AsMemory(0, BufferSize), SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (Reply.IsFor(query.Span, id, buffer.AsSpan(0, length)))
            {
                return Reply.Classify(server, buffer.AsSpan(0, length));
            }

            server.Statistics.CountMismatch();
        }

        return new UpstreamResult(null, UpstreamError.Spoofed, server);
    }
}
