using System.Net.Sockets;
using System.Runtime.CompilerServices;
using DnsFlow.Flows;
using DnsFlow.Limits;

namespace DnsFlow.Transports.Tcp;

/// <summary>
/// A connected TCP socket. Reads and writes are tried without waiting first; what the framework keeps for a waiting socket is made at the first
/// wait. <see cref="Socket.Connected"/> is never asked: it is false after a half close although writing works.
/// </summary>
internal sealed class TcpStreamTransport : IStreamTransport
{
    /// <summary>What a peer may still send after we closed.</summary>
    internal const int MaxDrainBytes = 64 << 10;

    /// <summary>How long we wait for it.</summary>
    internal static readonly TimeSpan DrainTime = TimeSpan.FromMilliseconds(200);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly IReadiness? _readiness;
    private IReadSignal? _signal;
    private int _closing;
    private volatile bool _isReadingStopped;

    /// <summary>Takes over a connected socket that does not delay small packets; without <paramref name="readiness"/> the framework waits for it.</summary>
    public TcpStreamTransport(Socket socket, TimeProvider time, IReadiness? readiness = null)
    {
        socket.Blocking = false;
        _socket = socket;
        _time = time;
        _readiness = readiness;
    }

    private IReadSignal Signal
    {
        get
        {
            if (_signal is null)
            {
                var signal = _readiness?.Watch(_socket) ?? new SocketReadSignal(_socket);
                if (Interlocked.CompareExchange(ref _signal, signal, null) is not null)
                {
                    signal.Dispose();
                }
            }

            return _signal;
        }
    }

    public bool TryRead(Memory<byte> buffer, out TransportRead read)
    {
        if (_isReadingStopped)
        {
            read = default;
            return true;
        }

        return TryReceive(buffer, out read);
    }

    public ValueTask WaitAsync() => Signal.WaitAsync(inline: true);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TransportRead> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
        {
            await WaitAsync(cancellationToken).ConfigureAwait(false);
            return default;
        }

        TransportRead read;
        while (!TryRead(buffer, out read))
        {
            await WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return read;
    }

    public ValueTask<FlowError?> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            SocketError error;
            try
            {
                var sent = _socket.Send(data.Span, SocketFlags.None, out error);
                data = data[Math.Max(0, sent)..];
            }
            catch (ObjectDisposedException)
            {
                return new ValueTask<FlowError?>(FlowError.Aborted);
            }

            if (error == SocketError.WouldBlock || error == SocketError.IOPending)
            {
                return WriteRestAsync(data, cancellationToken);
            }

            if (error != SocketError.Success)
            {
                return new ValueTask<FlowError?>(Describe(error));
            }
        }

        return default;
    }

    public void StopReading()
    {
        _isReadingStopped = true;
        Signal.Stop();
    }

    public void ShutdownSend()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer reset the connection or it was closed meanwhile: nobody is left to be told.
        }
    }

    public ValueTask CloseAsync()
    {
        if (Interlocked.Exchange(ref _closing, 1) != 0)
        {
            return default;
        }

        StopReading();
        ShutdownSend();
        return DrainAsync();
    }

    public void Abort()
    {
        Interlocked.Exchange(ref _closing, 1);
        try
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Reset by the peer or closed already: there is no connection to reset.
        }

        Dispose();
    }

    public void Dispose()
    {
        _isReadingStopped = true;
        _socket.Dispose();
        _signal?.Stop();
        _signal?.Dispose();
    }

    /// <summary>What a socket error means to a flow.</summary>
    internal static FlowError Describe(SocketError error) => error switch
    {
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.NotConnected => FlowError.PeerReset,
        SocketError.OperationAborted or SocketError.Interrupted or SocketError.NotSocket => FlowError.Aborted,
        SocketError.TimedOut => FlowError.TimedOut,
        SocketError.ConnectionRefused => FlowError.Refused,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown => FlowError.HostUnreachable,
        _ => FlowError.Internal,
    };

    private bool TryReceive(Memory<byte> buffer, out TransportRead read)
    {
        SocketError error;
        var count = 0;
        try
        {
            count = _socket.Receive(buffer.Span, SocketFlags.None, out error);
        }
        catch (ObjectDisposedException)
        {
            error = SocketError.OperationAborted;
        }

        read = error == SocketError.Success ? new TransportRead(count, null) : new TransportRead(0, Describe(error));
        return error is not (SocketError.WouldBlock or SocketError.IOPending);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using (cancellationToken.UnsafeRegister(static signal => ((IReadSignal)signal!).Release(), Signal))
        {
            await Signal.WaitAsync(inline: false).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async ValueTask<FlowError?> WriteRestAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            while (!data.IsEmpty)
            {
                data = data[await _socket.SendAsync(data, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
            }

            return null;
        }
        catch (SocketException e)
        {
            return Describe(e.SocketErrorCode);     // only a write that had to wait gets here: rare enough for an exception
        }
        catch (ObjectDisposedException)
        {
            return FlowError.Aborted;
        }
    }

    private async ValueTask DrainAsync()
    {
        var buffer = Buffers.Rent(StreamFlow.ReadLength);
        var drained = 0;
        SocketReadSignal? signal = null;          // its own: the flow's last read may still be on its way out of the other
        CancellationTokenSource? deadline = null;
        try
        {
            while (drained < MaxDrainBytes)
            {
                if (TryReceive(buffer, out var read))
                {
                    if (read.Count == 0)
                    {
                        return;
                    }

                    drained += read.Count;
                    continue;
                }

                if (deadline is null)
                {
                    signal = new SocketReadSignal(_socket);
                    deadline = new CancellationTokenSource(DrainTime, _time);
                    deadline.Token.UnsafeRegister(static signal => ((IReadSignal)signal!).Stop(), signal);
                }

                if (deadline.IsCancellationRequested)
                {
                    return;
                }

                await signal!.WaitAsync(inline: false).ConfigureAwait(false);
            }
        }
        finally
        {
            Dispose();
            deadline?.Dispose();
            signal?.Dispose();
            Buffers.Return(buffer);
        }
    }
}
