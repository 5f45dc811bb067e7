using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using DnsFlow.Limits;
using DnsFlow.Transports.Tcp;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// One TCP or TLS connection to a server: many questions at once, answered in any order (RFC 7766 section 6.2.1.1). One task writes and one reads; a
/// question that is given up, or never answered, leaves the others alone. Any thread.
/// </summary>
#pragma warning disable CA1001 // The source has no timer and no wait handle, and the channel's tasks may still look at its token: nothing to dispose of.
internal sealed class StreamConnection
#pragma warning restore CA1001
{
    /// <summary>Questions in flight at most.</summary>
    public const int MaxInFlight = 64;

    /// <summary>How long the kernel may refuse our octets.</summary>
    public static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(1);

    /// <summary>How long a reply is waited for, from the writing of its query.</summary>
    public static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long a connection is kept without a question.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The same for a connection with TLS, which costs more to open, unless the server says how long it keeps it (RFC 7828).</summary>
    public static readonly TimeSpan TlsIdleTimeout = TimeSpan.FromSeconds(30);

    // More replies than this outstanding that nobody waits for: the server is not keeping up, and the connection is retired.
    private const int MaxGivenUp = 256;

    private readonly Upstream _server;
    private readonly MonotonicClock _clock;
    private readonly UpstreamDialer _dialer;
    private readonly Action<StreamConnection> _onClosed;
    private readonly Dictionary<ushort, PendingReply> _pending = [];
    private readonly HashSet<ushort> _givenUp = [];
    private readonly Lock _lock = new();
    private readonly Channel<PendingReply> _toWrite = Channel.CreateBounded<PendingReply>(
        new BoundedChannelOptions(MaxInFlight) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly CancellationTokenSource _closing = new();
    private readonly ITimer _idle;
    private StreamMessageReader? _reader;
    private DialedStream? _socket;
    private TimeSpan _idleTime;
    private bool _knowsIdleTime;
    private int _mismatches;
    private long _lastProgress;
    private bool _isOverdue;
    private bool _isClosed;
    private bool _isStarted;

    /// <summary>Makes a connection; <paramref name="onClosed"/> is told once when it is no longer of use.</summary>
    public StreamConnection(Upstream server, MonotonicClock clock, UpstreamDialer dialer, Action<StreamConnection> onClosed)
    {
        (_server, _clock, _dialer, _onClosed) = (server, clock, dialer, onClosed);
        _idleTime = server.Link.IsEncrypted ? TlsIdleTimeout : IdleTimeout;
        _lastProgress = clock.Now;
        _idle = clock.Time.CreateTimer(static state => ((StreamConnection)state!).CloseIfIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Questions in flight.</summary>
    public int InFlight
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>Whether a reply did not come in time: the connection gets no new questions.</summary>
    public bool IsOverdue => Volatile.Read(ref _isOverdue);

    /// <summary>Whether the connection may get another question: it is open, has room and shows signs of life.</summary>
    public bool IsFit(long now)
    {
        lock (_lock)
        {
            return !_isClosed && !_isOverdue && _pending.Count < MaxInFlight
                && (_pending.Count == 0 || now - _lastProgress <= _server.StreamHealth.AttemptTimeout);
        }
    }

    /// <summary>The address it leaves from; null before it is connected.</summary>
    public IPAddress? LocalAddress => _socket?.LocalAddress;

    /// <summary>Connects and works until the connection is closed. Again: does nothing.</summary>
    public void Start()
    {
        if (!Interlocked.Exchange(ref _isStarted, true))
        {
            _ = RunAsync();
        }
    }

    /// <summary>Takes a question under a random ID that no other on this connection has; null when there is no room.</summary>
    public PendingReply? TryBegin(ReadOnlyMemory<byte> query)
    {
        lock (_lock)
        {
            if (_isClosed || _pending.Count >= MaxInFlight)
            {
                return null;
            }

            if (_pending.Count == 0)
            {
                _lastProgress = _clock.Now;
                _idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            var pending = new PendingReply(_server, NewId(), query);
            _pending.Add(pending.Id, pending);
            if (!_toWrite.Writer.TryWrite(pending))
            {
                _pending.Remove(pending.Id);    // the queue still holds questions that were given up before they were written
                return null;
            }

            return pending;
        }
    }

    /// <summary>Waits for the reply to a question that was begun.</summary>
    public async ValueTask<UpstreamResult> CompleteAsync(PendingReply pending, CancellationToken cancellationToken)
    {
        using var abandoned = cancellationToken.UnsafeRegister(static state => ((PendingReply)state!).Fail(UpstreamError.Abandoned), pending);
        var result = await pending.Task.ConfigureAwait(false);
        End(pending, result.Error);
        return result;
    }

    /// <summary>Closes the connection; the questions on it end with <paramref name="error"/>.</summary>
    public void Close(UpstreamError error)
    {
        PendingReply[] lost;
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            lost = [.. _pending.Values];
            _pending.Clear();
        }

        _toWrite.Writer.TryComplete();
        _idle.Dispose();
        _closing.Cancel();
        foreach (var pending in lost)
        {
            pending.Fail(error);
        }

        _onClosed(this);
    }

    private async Task RunAsync()
    {
        var error = UpstreamError.ConnectionLost;
        try
        {
            await using var connection = await _dialer.ConnectAsync(_server, _closing.Token).ConfigureAwait(false);
            var stream = connection.Stream;
            _socket = connection.Socket;
            using var reader = new StreamMessageReader(stream);
            _reader = reader;
            var writing = WriteAllAsync(stream);
            try
            {
                await ReadAllAsync(reader).ConfigureAwait(false);
            }
            finally
            {
                Close(error);
                await writing.ConfigureAwait(false);
            }
        }
        catch (UpstreamDialException e)
        {
            error = e.Error;
        }
        catch (OperationCanceledException)
        {
            error = UpstreamError.ConnectionLost;   // closed meanwhile
        }
        catch (IOException)
        {
            error = UpstreamError.ConnectionLost;   // reset: the questions say so
        }
        finally
        {
            Close(error);
        }
    }

    private async Task ReadAllAsync(StreamMessageReader reader)
    {
        while (await reader.ReadAsync(_closing.Token).ConfigureAwait(false) is { } message)
        {
            Volatile.Write(ref _lastProgress, _clock.Now);
            ReadIdleTime(message.Span);
            if (!TryComplete(message.Span) && ++_mismatches >= ReplyMatcher.MaxMismatches)
            {
                return;     // this is not a conversation any more
            }
        }
    }

    // The first reply says it, or none does.
    private void ReadIdleTime(ReadOnlySpan<byte> message)
    {
        if (_server.Link.IsEncrypted && !_knowsIdleTime)
        {
            _knowsIdleTime = true;
            _idleTime = KeepAlive.Read(message, TlsIdleTimeout);
        }
    }

    private bool TryComplete(ReadOnlySpan<byte> message)
    {
        PendingReply? pending = null;
        if (message.Length >= 2)
        {
            lock (_lock)
            {
                var id = BinaryPrimitives.ReadUInt16BigEndian(message);
                if (!_pending.TryGetValue(id, out pending) && _givenUp.Remove(id))
                {
                    return true;    // nobody waits for it any more
                }
            }
        }

        if (pending is not null && Reply.IsFor(pending.Query.Span, pending.Id, message))
        {
            pending.TrySetResult(Reply.Classify(_server, message));
            return true;
        }

        _server.Statistics.CountMismatch();
        return false;
    }

    private async Task WriteAllAsync(Stream stream)
    {
        try
        {
            var frame = new byte[2 + EncryptedQuery.MaxLength];
            await foreach (var pending in _toWrite.Reader.ReadAllAsync(_closing.Token).ConfigureAwait(false))
            {
                if (!pending.Task.IsCompleted)
                {
                    await WriteAsync(stream, Frame(pending, frame)).ConfigureAwait(false);
                    Await(pending);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            Close(UpstreamError.ConnectionLost);    // stalled, reset or closed: the questions say so
        }
    }

    private ReadOnlyMemory<byte> Frame(PendingReply pending, byte[] frame)
    {
        var length = pending.Query.Length;
        if (_server.Link.IsEncrypted)
        {
            length = EncryptedQuery.Write(pending.Query.Span, keepAlive: true, frame.AsSpan(2));
        }
        else
        {
            pending.Query.Span.CopyTo(frame.AsSpan(2));
        }

        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), pending.Id);
        return frame.AsMemory(0, 2 + length);
    }

    // Never cut short by a question that is given up: half a query would garble all that follow.
    private async ValueTask WriteAsync(Stream stream, ReadOnlyMemory<byte> frame)
    {
        using var limit = new CancellationTokenSource(WriteTimeout, _clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _closing.Token);
        await stream.WriteAsync(frame, either.Token).ConfigureAwait(false);
    }

    private void Await(PendingReply pending)
    {
        lock (_lock)
        {
            if (!pending.Task.IsCompleted)
            {
                pending.Timer = _clock.Time.CreateTimer(
                    static state => ((PendingReply)state!).Fail(UpstreamError.Timeout), pending, ReplyTimeout, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void End(PendingReply pending, UpstreamError error)
    {
        bool isUseless;
        lock (_lock)
        {
            pending.Timer?.Dispose();
            _pending.Remove(pending.Id);
            if (error is UpstreamError.Timeout or UpstreamError.Abandoned)
            {
                _givenUp.Add(pending.Id);
            }

            var timedOut = error == UpstreamError.Timeout;
            _isOverdue |= timedOut || _givenUp.Count > MaxGivenUp;
            var isStuck = timedOut && _reader is { IsInsideMessage: true };
            isUseless = isStuck || (_isOverdue && _pending.Count == 0);
            if (_pending.Count == 0 && !_isClosed)
            {
                _idle.Change(_idleTime, Timeout.InfiniteTimeSpan);
            }
        }

        if (isUseless)
        {
            Close(UpstreamError.ConnectionLost);
        }
    }

    private void CloseIfIdle()
    {
        if (InFlight == 0)
        {
            Close(UpstreamError.ConnectionLost);
        }
    }

    private ushort NewId()
    {
        Span<byte> octets = stackalloc byte[2];
        ushort id;
        do
        {
            RandomNumberGenerator.Fill(octets);
            id = BinaryPrimitives.ReadUInt16BigEndian(octets);
        }
        while (_pending.ContainsKey(id) || _givenUp.Contains(id));

        return id;
    }
}
