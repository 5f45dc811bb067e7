using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using DnsFlow.Flows;
using DnsFlow.Limits;

namespace DnsFlow.Transports.Tls;

/// <summary>
/// TLS over a transport. The handshake is computed on the thread pool; afterwards octets are decrypted on the thread that saw them come, and each
/// write is one record as long as it fits 16 KiB. While a client is silent no buffer is held.
/// </summary>
internal sealed class TlsStreamTransport : IStreamTransport
{
    private readonly IStreamTransport _inner;
    private readonly TransportStream _stream;
    private readonly SslStream _tls;
    private readonly TlsServer _server;
    private readonly FlowEndpoint _client;
    private readonly ServerOptionsSelectionCallback _offer;
    private readonly TimeProvider _time;
    private byte[]? _plain;
    private int _start;
    private int _end;
    private FlowError? _error;
    private volatile bool _isReadingStopped;
    private bool _isEnded;
    private Task? _shutdown;

    /// <summary>Puts TLS over a transport.</summary>
    /// <param name="inner">What carries it.</param>
    /// <param name="server">How to shake hands.</param>
    /// <param name="offer">What is offered to a client, by the name it sends; its state is <paramref name="server"/>.</param>
    /// <param name="client">The client.</param>
    /// <param name="time">The clock.</param>
    public TlsStreamTransport(IStreamTransport inner, TlsServer server, ServerOptionsSelectionCallback offer, in FlowEndpoint client, TimeProvider time)
    {
        _inner = inner;
        _server = server;
        _offer = offer;
        _client = client;
        _time = time;
        _stream = new TransportStream(inner);
        _tls = new SslStream(_stream, leaveInnerStreamOpen: true);
    }

    /// <summary>What the client chose of what was offered (ALPN); after the handshake.</summary>
    public SslApplicationProtocol Protocol => _tls.NegotiatedApplicationProtocol;

    public async ValueTask<HandshakeOutcome> HandshakeAsync()
    {
        if (!_server.TryBeginHandshake(_client))
        {
            return HandshakeOutcome.Crowded;
        }

        using var deadline = new CancellationTokenSource(TlsServer.HandshakeTime, _time);
        using var abort = deadline.Token.UnsafeRegister(static inner => ((IStreamTransport)inner!).Abort(), _inner);
        try
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);      // whoever accepts connections goes on accepting
            await _tls.AuthenticateAsServerAsync(_offer, _server, CancellationToken.None).ConfigureAwait(false);
            _stream.Inline = true;
            return HandshakeOutcome.Done;
        }
        catch (Exception exception) when (IsOfPeer(exception))
        {
            _server.Report(deadline.IsCancellationRequested ? null : exception);
            return HandshakeOutcome.Failed;
        }
        finally
        {
            _server.EndHandshake();
        }
    }

    public bool TryRead(Memory<byte> buffer, out TransportRead read)
    {
        read = default;
        if (_start < _end)
        {
            var count = Math.Min(buffer.Length, _end - _start);
            _plain.AsMemory(_start, count).CopyTo(buffer);
            _start += count;
            read = new TransportRead(count, null);
            if (_start == _end)
            {
                ReturnBuffer();
            }

            return true;
        }

        read = new TransportRead(0, _error);
        return _isEnded || _isReadingStopped;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync()
    {
        if (_start < _end || _isEnded || _isReadingStopped)
        {
            return;
        }

        try
        {
            await _tls.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
            _plain ??= Buffers.Rent(StreamFlow.ReadLength);
            (_start, _end) = (0, await _tls.ReadAsync(_plain.AsMemory(0, StreamFlow.ReadLength)).ConfigureAwait(false));
            _isEnded = _end == 0;
        }
        catch (Exception exception) when (IsOfPeer(exception))
        {
            (_error, _isEnded) = (Describe(exception), true);
        }

        if (_isEnded)
        {
            ReturnBuffer();
        }
    }

    public async ValueTask<TransportRead> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        TransportRead read = default;
        while (buffer.IsEmpty ? _start == _end && !_isEnded && !_isReadingStopped : !TryRead(buffer, out read))
        {
            await WaitAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        return read;
    }

    public async ValueTask<FlowError?> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            await _tls.WriteAsync(data, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (IsOfPeer(exception))
        {
            return Describe(exception);
        }
    }

    public void StopReading()
    {
        _isReadingStopped = true;
        _inner.StopReading();
    }

    public void ShutdownSend() => _shutdown ??= ShutdownAsync();

    public async ValueTask CloseAsync()
    {
        StopReading();
        ShutdownSend();
        try
        {
            await _shutdown!.WaitAsync(TimeSpan.FromMilliseconds(200), _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The client takes nothing any more: it misses the goodbye.
        }

        await _inner.CloseAsync().ConfigureAwait(false);
        _tls.Dispose();
    }

    public void Abort()
    {
        _isReadingStopped = true;
        _inner.Abort();
        _tls.Dispose();
    }

    public void Dispose() => Abort();

    /// <summary>Tells the client in TLS's own words that no more comes (close_notify), then in TCP's.</summary>
    private async Task ShutdownAsync()
    {
        try
        {
            if (_tls.IsAuthenticated)
            {
                await _tls.ShutdownAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (IsOfPeer(exception))
        {
            // The client is gone already: nobody is left to be told.
        }

        _inner.ShutdownSend();
    }

    private void ReturnBuffer()
    {
        if (_plain is { } buffer)
        {
            (_plain, _start, _end) = (null, 0, 0);
            Buffers.Return(buffer);
        }
    }

    private static bool IsOfPeer(Exception exception)
        => exception is IOException or AuthenticationException or ObjectDisposedException or InvalidOperationException or NotSupportedException
            or System.ComponentModel.Win32Exception;

    private static FlowError Describe(Exception exception) => exception switch
    {
        TransportException transport => transport.Error,
        { InnerException: TransportException transport } => transport.Error,
        ObjectDisposedException => FlowError.Aborted,
        _ => FlowError.PeerReset,
    };
}
