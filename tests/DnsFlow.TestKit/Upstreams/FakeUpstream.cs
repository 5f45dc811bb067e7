using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading.Channels;

namespace DnsFlow.TestKit;

/// <summary>
/// A scripted DNS server on 127.0.0.1, UDP and TCP on one port that the kernel chooses. Each query takes the next reply of the script of its
/// transport, and when that is used up the default, which answers 192.0.2.1.
/// </summary>
public sealed class FakeUpstream : IAsyncDisposable
{
    private readonly Socket _datagrams;
    private readonly Socket _listener;
    private readonly ConcurrentQueue<FakeReply> _datagramScript = new();
    private readonly ConcurrentQueue<FakeReply> _streamScript = new();
    private readonly ConcurrentBag<Socket> _connections = [];
    private readonly ConcurrentQueue<FakeQuery> _queries = new();
    private readonly Channel<FakeQuery> _arrivals = Channel.CreateUnbounded<FakeQuery>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task[] _loops;
    private volatile FakeReply _datagramDefault = FakeReplies.Answer("192.0.2.1");
    private volatile FakeReply _streamDefault = FakeReplies.Answer("192.0.2.1");
    private readonly SslServerAuthenticationOptions? _tls;
    private int _accepted;
    private int _handshakes;
    private volatile bool _holdsHandshakes;

    /// <summary>With <paramref name="tls"/> its connections are TLS.</summary>
    public FakeUpstream(bool withStreams = true, SslServerAuthenticationOptions? tls = null)
    {
        _tls = tls;
        (_datagrams, _listener) = Bind();
        Endpoint = (IPEndPoint)_datagrams.LocalEndPoint!;
        if (!withStreams)
        {
            _listener.Dispose();
        }

        _loops = withStreams ? [ReceiveAsync(), AcceptAsync()] : [ReceiveAsync()];
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>The same as an upstream is configured: <c>127.0.0.1:PORT</c>.</summary>
    public string Address => Endpoint.ToString();

    /// <summary>Everything that was asked so far.</summary>
    public IReadOnlyCollection<FakeQuery> Queries => _queries;

    /// <summary>How many connections were accepted.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>How many TLS handshakes succeeded on its side.</summary>
    public int Handshakes => Volatile.Read(ref _handshakes);

    /// <summary>The next queries by datagram are answered so, one after the other.</summary>
    public FakeUpstream Then(params FakeReply[] replies) => Add(_datagramScript, replies);

    /// <summary>The next queries over TCP are answered so, one after the other.</summary>
    public FakeUpstream ThenOnStream(params FakeReply[] replies) => Add(_streamScript, replies);

    /// <summary>All queries by datagram without a script are answered so.</summary>
    public FakeUpstream Always(FakeReply reply)
    {
        _datagramDefault = reply;
        return this;
    }

    /// <summary>All queries over TCP without a script are answered so.</summary>
    public FakeUpstream AlwaysOnStream(FakeReply reply)
    {
        _streamDefault = reply;
        return this;
    }

    /// <summary>Connections are accepted from now on, and that is all: their TLS handshakes get no answer.</summary>
    public void HoldHandshakes() => _holdsHandshakes = true;

    /// <summary>Waits for the next query that no other call has waited for.</summary>
    public async Task<FakeQuery> NextQueryAsync() => await _arrivals.Reader.ReadAsync(_stopping.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _datagrams.Dispose();
        _listener.Dispose();
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }

        await Task.WhenAll(_loops);
        _stopping.Dispose();
    }

    private FakeUpstream Add(ConcurrentQueue<FakeReply> script, FakeReply[] replies)
    {
        foreach (var reply in replies)
        {
            script.Enqueue(reply);
        }

        return this;
    }

    // The same port for both; now and then the kernel gives one that the other protocol has already.
    private static (Socket Datagrams, Socket Listener) Bind()
    {
        for (var attempt = 0; ; attempt++)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                datagrams.Bind(listener.LocalEndPoint!);
                listener.Listen(512);
                return (datagrams, listener);
            }
            catch (SocketException) when (attempt < 20)
            {
                listener.Dispose();
                datagrams.Dispose();
            }
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[65_535];
        try
        {
            while (true)
            {
                var received = await _datagrams.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stopping.Token);
                var from = (IPEndPoint)received.RemoteEndPoint;
                Handle(
                    new FakeQuery(
                        buffer[..received.ReceivedBytes], overStream: false, from, 0,
                        octets => _datagrams.SendToAsync(octets, from).AsTask(), _ => { }),
                    _datagramScript, _datagramDefault);
            }
        }
        catch (Exception e) when (IsStop(e))
        {
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync(_stopping.Token);
                _connections.Add(connection);
                _ = ServeAsync(connection, Interlocked.Increment(ref _accepted));
            }
        }
        catch (Exception e) when (IsStop(e))
        {
        }
    }

    private async Task ServeAsync(Socket socket, int number)
    {
        using var writing = new SemaphoreSlim(1);
        try
        {
            var from = (IPEndPoint)socket.RemoteEndPoint!;
            await using var stream = await ShakeHandsAsync(new NetworkStream(socket, ownsSocket: true));
            var prefix = new byte[2];
            while (true)
            {
                await stream.ReadExactlyAsync(prefix, _stopping.Token);
                var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(message, _stopping.Token);
                Handle(
                    new FakeQuery(message, overStream: true, from, number, octets => WriteAsync(octets), reset => Close(socket, stream as SslStream, reset)),
                    _streamScript, _streamDefault);
            }

            async Task WriteAsync(ReadOnlyMemory<byte> octets)
            {
                await writing.WaitAsync(_stopping.Token);
                await stream.WriteAsync(octets, _stopping.Token);
                writing.Release();
            }
        }
        catch (Exception e) when (IsStop(e))
        {
        }
    }

    private async Task<Stream> ShakeHandsAsync(NetworkStream socket)
    {
        if (_tls is null)
        {
            return socket;
        }

        var stream = new SslStream(socket, leaveInnerStreamOpen: false);
        if (_holdsHandshakes)
        {
            await new TaskCompletionSource().Task.WaitAsync(_stopping.Token);
        }

        await stream.AuthenticateAsServerAsync(_tls, _stopping.Token);
        Interlocked.Increment(ref _handshakes);
        return stream;
    }

    private void Handle(FakeQuery query, ConcurrentQueue<FakeReply> script, FakeReply otherwise)
    {
        _queries.Enqueue(query);
        _arrivals.Writer.TryWrite(query);
        _ = ReplyAsync(script.TryDequeue(out var reply) ? reply : otherwise, query);
    }

    private static async Task ReplyAsync(FakeReply reply, FakeQuery query)
    {
        try
        {
            await reply(query);
        }
        catch (Exception e) when (IsStop(e))
        {
        }
    }

    private static void Close(Socket socket, SslStream? tls, bool reset)
    {
        if (reset)
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        else
        {
            _ = tls?.ShutdownAsync();       // some octets: they are sent at once
            socket.Shutdown(SocketShutdown.Both);
        }
    }

    private static bool IsStop(Exception e) => e is OperationCanceledException or SocketException or IOException or ObjectDisposedException or AuthenticationException;
}
