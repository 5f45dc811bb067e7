using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DnsFlow.Flows;
using DnsFlow.Transports.Proxied;

namespace DnsFlow.Transports.Tcp;

/// <summary>
/// Listens on one TCP address. When the process has no descriptor left it says so and pauses, instead of spinning on a connection it cannot
/// take: whoever owns the flows closes the longest idle one meanwhile.
/// </summary>
internal sealed class TcpStreamListener : IStreamListener
{
    /// <summary>Connections that wait in the kernel.</summary>
    internal const int Backlog = 1_024;

    /// <summary>How long accepting pauses after an error of our own side.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Connections of load balancers that have not said yet who their client is.</summary>
    internal const int MaxUnannounced = 256;

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly Action? _onExhausted;
    private readonly CancellationTokenSource _unbound = new();
    private readonly Action? _onBadHeader;
    private readonly Channel<StreamFlow> _announced = Channel.CreateUnbounded<StreamFlow>();
    private Task<(Socket? Socket, SocketError Error)>? _accepting;
    private Task<bool>? _announcing;
    private int _unannounced;
    private volatile NetworkSet? _proxies;
    private volatile IStreamProtocol _protocol;
    private volatile int _listener;
    private int _isDisposed;

    private TcpStreamListener(Socket socket, int listener, TimeProvider time, Action? onExhausted, IStreamProtocol? protocol, Action? onBadHeader)
    {
        _socket = socket;
        _listener = listener;
        _time = time;
        _onExhausted = onExhausted;
        _onBadHeader = onBadHeader;
        _protocol = protocol ?? new TcpProtocol(time);
        LocalEndpoint = FlowEndpoint.From((IPEndPoint)socket.LocalEndPoint!);
    }

    public FlowEndpoint LocalEndpoint { get; }

    public int Listener
    {
        get => _listener;
        set => _listener = value;
    }

    /// <summary>The load balancers whose connections begin with a header that says who the client is; null = none.</summary>
    public NetworkSet? Proxies
    {
        get => _proxies;
        set => _proxies = value;
    }

    /// <summary>What is spoken; by flows that come from now on.</summary>
    public IStreamProtocol Protocol
    {
        get => _protocol;
        set => _protocol = value;
    }

    /// <summary>
    /// Binds and listens. An IPv6 address takes IPv6 alone, so that both wildcards can be bound. The port may have connections of an earlier run
    /// in TIME_WAIT, but not another listener. Throws <see cref="SocketException"/> when the address cannot be bound.
    /// </summary>
    /// <param name="address">The address and port; port 0 lets the system choose.</param>
    /// <param name="listener">The listener's index in the plan.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onExhausted">Called, at most ten times a second, when a connection could not be taken for want of descriptors or buffers.</param>
    /// <param name="protocol">What is spoken; null = plain TCP.</param>
    /// <param name="onBadHeader">Called when a load balancer's connection did not begin with its header.</param>
    public static TcpStreamListener Bind(FlowEndpoint address, int listener, TimeProvider time, Action? onExhausted = null, IStreamProtocol? protocol = null, Action? onBadHeader = null)
    {
        var socket = new Socket(address.Family, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Family == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            if (OperatingSystem.IsWindows())
            {
                socket.ExclusiveAddressUse = true;      // elsewhere the framework sets SO_REUSEADDR for TCP, and never SO_REUSEPORT unless told
            }

            socket.Bind(address.ToIPEndPoint());
            socket.Listen(Backlog);
            return new TcpStreamListener(socket, listener, time, onExhausted, protocol, onBadHeader);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a socket that the service manager has bound and that listens already (LISTEN_FDS).</summary>
    public static TcpStreamListener Adopt(Socket inherited, int listener, TimeProvider time, Action? onExhausted = null, IStreamProtocol? protocol = null, Action? onBadHeader = null)
        => new(inherited, listener, time, onExhausted, protocol, onBadHeader);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<StreamFlow?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (!_unbound.IsCancellationRequested)
        {
            var waits = Volatile.Read(ref _unannounced) > 0;        // asked first: who is not among them any more is in the queue
            if (_announced.Reader.TryRead(out var announced))
            {
                return announced;
            }

            // Only one that others may overtake has to outlast this round.
            var accepting = waits || _accepting is not null
                ? new ValueTask<(Socket? Socket, SocketError Error)>(_accepting ??= AcceptSocketAsync(cancellationToken).AsTask())
                : AcceptSocketAsync(cancellationToken);
            if (waits && await Task.WhenAny(_accepting!, _announcing ??= _announced.Reader.WaitToReadAsync(cancellationToken).AsTask()).ConfigureAwait(false) != _accepting)
            {
                _announcing = null;
                continue;
            }

            _accepting = null;
            var (socket, error) = await accepting.ConfigureAwait(false);
            if (socket is not null)
            {
                if (TryAccept(socket) is { } flow)
                {
                    return flow;
                }
            }
            else if (!_unbound.IsCancellationRequested && !IsOfConnection(error))
            {
                await PauseAsync(error, cancellationToken).ConfigureAwait(false);
            }
        }

        while (_announced.Reader.TryRead(out var late))
        {
            late.Close(FlowCloseReason.ProviderStopped, FlowError.Aborted);
        }

        return null;
    }

    public ValueTask UnbindAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _unbound.Cancel();
            _announced.Writer.TryComplete();
            _socket.Dispose();
        }

        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(Socket? Socket, SocketError Error)> AcceptSocketAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false), SocketError.Success);
        }
        catch (SocketException e)
        {
            return (null, e.SocketErrorCode);       // a connection that broke, no descriptors, or unbound: the loop tells them apart
        }
        catch (ObjectDisposedException)
        {
            return (null, SocketError.OperationAborted);
        }
    }

    /// <summary>A connection that broke before we took it says nothing about the listener.</summary>
    private static bool IsOfConnection(SocketError error)
        => error is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.HostUnreachable
            or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown or SocketError.TimedOut;

    private async ValueTask PauseAsync(SocketError error, CancellationToken cancellationToken)
    {
        if (error is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
        {
            _onExhausted?.Invoke();
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _unbound.Token);
        await Task.Delay(Pause, _time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private StreamFlow? TryAccept(Socket socket)
    {
        try
        {
            // A socket keeps each address it was asked for: only a wildcard's needs to be asked which one the client used.
            var client = FlowEndpoint.From((IPEndPoint)socket.RemoteEndPoint!);
            var addressed = LocalEndpoint.IsAny ? FlowEndpoint.From((IPEndPoint)socket.LocalEndPoint!) : LocalEndpoint;
            if (_proxies?.Contains(client) != true)
            {
                return MakeFlow(socket, client, addressed);
            }

            if (Interlocked.Increment(ref _unannounced) <= MaxUnannounced)
            {
                _ = AwaitHeaderAsync(socket, client, addressed);
                return null;
            }

            Interlocked.Decrement(ref _unannounced);
            _onBadHeader?.Invoke();
        }
        catch (SocketException)
        {
            // The client was gone before its addresses could be asked for: there never was a flow.
        }

        socket.Dispose();
        return null;
    }

    /// <summary>Others are accepted meanwhile.</summary>
    private async Task AwaitHeaderAsync(Socket socket, FlowEndpoint client, FlowEndpoint addressed)
    {
        var header = await ProxyHeaderReader.ReadAsync(socket, _time).ConfigureAwait(false);
        var flow = header is { } read ? MakeFlow(socket, read.Client ?? client, read.Addressed ?? addressed) : null;
        if (flow is null)
        {
            _onBadHeader?.Invoke();
            socket.Dispose();
        }
        else if (!_announced.Writer.TryWrite(flow))
        {
            flow.Close(FlowCloseReason.ProviderStopped, FlowError.Aborted);
        }

        Interlocked.Decrement(ref _unannounced);
    }

    private StreamFlow MakeFlow(Socket socket, FlowEndpoint client, FlowEndpoint addressed)
    {
        socket.NoDelay = true;      // whatever speaks on it: HTTP/2 would wait 40 ms for an acknowledgement between its settings and its first response
        var protocol = _protocol;
        return new StreamFlow(new FlowFacts(new FlowKey(protocol.Transport, client, addressed), _listener), protocol.Open(socket, client));
    }
}
