using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;

namespace DnsFlow.TestKit;

/// <summary>
/// A scripted server for DNS over QUIC on a free port of 127.0.0.1. It needs QUIC on this system. What is sent goes behind its length on the stream of the query, which ends
/// with it; what is sent raw goes as it is, and ends nothing.
/// </summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
[SupportedOSPlatform("windows")]
public sealed class FakeQuicUpstream : IAsyncDisposable
{
    /// <summary>How many streams a client may have open.</summary>
    public const int MaxStreams = 100;

    private readonly QuicListener _listener;
    private readonly ConcurrentQueue<FakeQuery> _queries = new();
    private readonly ConcurrentQueue<QuicConnection> _connections = new();
    private readonly ConcurrentQueue<long> _cancelled = new();
    private readonly Channel<FakeQuery> _arrivals = Channel.CreateUnbounded<FakeQuery>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private volatile FakeReply _reply = FakeReplies.Answer("192.0.2.1");

    private FakeQuicUpstream(QuicListener listener)
    {
        _listener = listener;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint => _listener.LocalEndPoint;

    /// <summary>Everything that was asked so far.</summary>
    public IReadOnlyCollection<FakeQuery> Queries => _queries;

    /// <summary>Connections that shook hands.</summary>
    public int Connections => _connections.Count;

    /// <summary>The error codes of the streams that the client gave up.</summary>
    public IReadOnlyCollection<long> Cancelled => _cancelled;

    public static async Task<FakeQuicUpstream> StartAsync(X509Certificate2 certificate, string protocol = "doq") => new(await QuicListener.ListenAsync(new QuicListenerOptions
    {
        ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0),
        ApplicationProtocols = [new SslApplicationProtocol(protocol)],
        ConnectionOptionsCallback = (_, _, _) => ValueTask.FromResult(new QuicServerConnectionOptions
        {
            DefaultCloseErrorCode = 0,
            DefaultStreamErrorCode = 5,
            MaxInboundBidirectionalStreams = MaxStreams,
            ServerAuthenticationOptions = new SslServerAuthenticationOptions { ServerCertificate = certificate, ApplicationProtocols = [new SslApplicationProtocol(protocol)] },
        }),
    }));

    /// <summary>All queries are answered so.</summary>
    public FakeQuicUpstream Always(FakeReply reply)
    {
        _reply = reply;
        return this;
    }

    /// <summary>Waits for the next query that no other call has waited for.</summary>
    public async Task<FakeQuery> NextQueryAsync() => await _arrivals.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    /// <summary>Closes all connections with an error code.</summary>
    public async Task CloseConnectionsAsync(long code)
    {
        foreach (var connection in _connections)
        {
            await connection.CloseAsync(code);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _listener.DisposeAsync();
        await _accepting;
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var connection = await _listener.AcceptConnectionAsync(_stopping.Token);
                _connections.Enqueue(connection);
                serving.Add(ServeAsync(connection, _connections.Count));
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or QuicException or System.Security.Authentication.AuthenticationException)
            {
                // A handshake that failed is the client's affair; the end of the listener ends the loop.
            }
        }
    }

    private async Task ServeAsync(QuicConnection connection, int number)
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(connection, await connection.AcceptInboundStreamAsync(_stopping.Token), number);
            }
        }
        catch (Exception exception) when (exception is QuicException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection is over.
        }
    }

    private async Task AnswerAsync(QuicConnection connection, QuicStream stream, int number)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            var octets = new MemoryStream();
            await stream.CopyToAsync(octets, _stopping.Token);      // to the end of the stream: a query without one is never answered
            var message = octets.ToArray()[2..];
            if (BinaryPrimitives.ReadUInt16BigEndian(octets.ToArray()) != message.Length)
            {
                await connection.CloseAsync(2);
                return;
            }

            var query = new FakeQuery(message, overStream: true, connection.RemoteEndPoint, number, SendAsync, Close);
            _queries.Enqueue(query);
            _arrivals.Writer.TryWrite(query);
            var watching = WatchAsync(stream, ended);
            await _reply(query);
            await ended.Task;
            await watching;
        }
        catch (Exception exception) when (exception is QuicException or OperationCanceledException or ObjectDisposedException)
        {
            // The stream is over.
        }
        finally
        {
            await stream.DisposeAsync();
        }

        async Task SendAsync(ReadOnlyMemory<byte> data)
        {
            var isWhole = data.Length >= 2 && BinaryPrimitives.ReadUInt16BigEndian(data.Span) == data.Length - 2;
            await stream.WriteAsync(data, completeWrites: isWhole);
            if (isWhole)
            {
                ended.TrySetResult();
            }
        }

        void Close(bool reset)
        {
            if (reset)
            {
                stream.Abort(QuicAbortDirection.Write, 4);
            }
            else
            {
                stream.CompleteWrites();
            }

            ended.TrySetResult();
        }
    }

    private async Task WatchAsync(QuicStream stream, TaskCompletionSource ended)
    {
        try
        {
            await stream.WritesClosed;
        }
        catch (QuicException exception) when (exception.QuicError == QuicError.StreamAborted)
        {
            _cancelled.Enqueue(exception.ApplicationErrorCode ?? -1);
        }
        catch (QuicException)
        {
            // The connection is over.
        }

        ended.TrySetResult();
    }
}
