using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using DnsFlow.Protocol;

namespace DnsFlow.Service.Querying;

/// <summary>Asks one server one question: twice over UDP, and over TCP when the response was cut.</summary>
internal static class QueryClient
{
    private const int Attempts = 2;
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(2.5);

    /// <summary>Asks; waits five seconds at most for UDP, as long again for TCP.</summary>
    public static async Task<QueryReply> AskAsync(IPEndPoint server, DnsMessage query, bool overTcp, CancellationToken cancellationToken)
    {
        var octets = DnsMessageWriter.ToArray(query)!;
        try
        {
            if (!overTcp)
            {
                var reply = await AskUdpAsync(server, query, octets, cancellationToken);
                if (reply.Message is not { IsTruncated: true })
                {
                    return reply;
                }
            }

            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(AttemptTimeout * Attempts);
            return await AskTcpAsync(server, query, octets, deadline.Token);
        }
        catch (SocketException exception)
        {
            return QueryReply.None(exception.Message);
        }
        catch (IOException exception)
        {
            return QueryReply.None(exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return QueryReply.None("no answer in time");
        }
    }

    private static async Task<QueryReply> AskUdpAsync(IPEndPoint server, DnsMessage query, byte[] octets, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        var buffer = new byte[ushort.MaxValue];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(AttemptTimeout);
            await socket.SendAsync(octets, cancellationToken);
            try
            {
                return await ReceiveAsync(socket, query, buffer, deadline.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Lost on the way, or slow: ask once more, and take a late answer to the first.
            }
        }

        return QueryReply.None("no answer in time");
    }

    private static async Task<QueryReply> ReceiveAsync(Socket socket, DnsMessage query, byte[] buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, cancellationToken);
            if (DnsMessageReader.TryRead(buffer.AsSpan(0, length), out var response) && IsAnswerTo(query, response))
            {
                return new QueryReply(response, length, OverTcp: false, "");
            }
        }
    }

    private static async Task<QueryReply> AskTcpAsync(IPEndPoint server, DnsMessage query, byte[] octets, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellationToken);
        await using var stream = new NetworkStream(socket);
        var framed = new byte[octets.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)octets.Length);
        octets.CopyTo(framed, 2);
        await stream.WriteAsync(framed, cancellationToken);
        var prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, cancellationToken);
        var buffer = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(buffer, cancellationToken);
        return !DnsMessageReader.TryRead(buffer, out var response, out var error) ? QueryReply.None($"the response is malformed ({error})")
            : !IsAnswerTo(query, response) ? QueryReply.None("the response is not to our question")
            : new QueryReply(response, buffer.Length, OverTcp: true, "");
    }

    // A server that could not read the question may send it back as an error without one.
    private static bool IsAnswerTo(DnsMessage query, DnsMessage response)
        => response.IsResponse && response.Id == query.Id
            && (response.Questions.Count == 0 ? response.ResponseCode != ResponseCode.NoError : response.Questions.Count == 1 && response.Questions[0] == query.Questions[0]);
}
