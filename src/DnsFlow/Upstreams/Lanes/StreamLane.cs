using System.Net;
using DnsFlow.Upstreams.Attempts;

namespace DnsFlow.Upstreams.Lanes;

/// <summary>
/// One connection of one shard to one server, TCP or TLS, by which first attempts go without a task for each: the shard puts queries into a ring and gets replies in
/// batches. One task on the service plane connects and reads, another one writes whatever has gathered, so that under load many questions share a system call, a TLS record
/// and a wake-up (docs/decisions/0016).
/// </summary>
#pragma warning disable CA1001 // The sources are used by tasks that outlive the close; neither holds a handle.
internal sealed class StreamLane
#pragma warning restore CA1001
{
    /// <summary>Questions in flight at most: their longest queries fit the ring.</summary>
    public const int MaxInFlight = 128;

    // Two batches: the shard looks at one while the other one is filled. A server that sends more than the shard can take is read no further.
    private const int Batches = 2;

    private const int MostAtOnce = 16 * 1024;

    private static readonly TimeSpan s_writeTime = TimeSpan.FromSeconds(1);

    private readonly UpstreamDialer _dialer;
    private readonly ILaneOwner _owner;
    private readonly LaneOutput _output = new();
    private readonly LaneSignal _toWrite = new();
    private readonly LaneBatch[] _free = new LaneBatch[Batches];
    private readonly SemaphoreSlim _freeBatches = new(0, Batches);
    private readonly CancellationTokenSource _closing = new();
    private readonly ITimer _idle;
    private readonly Lock _lock = new();
    private DialedStream? _socket;
    private TimeSpan _idleTime;
    private int _freeCount;
    private long _lastUsed;
    private int _inFlight;
    private bool _isReady;
    private bool _isClosed;

    /// <summary>Makes a lane that is not connected yet.</summary>
    public StreamLane(Upstream server, UpstreamDialer dialer, ILaneOwner owner, int slot)
    {
        (Server, _dialer, _owner, Slot) = (server, dialer, owner, slot);
        _idleTime = server.Link.IsEncrypted ? StreamConnection.TlsIdleTimeout : StreamConnection.IdleTimeout;
        _lastUsed = dialer.Clock.Now;
        for (var i = 0; i < Batches; i++)
        {
            Return(new LaneBatch());
        }

        _idle = dialer.Clock.Time.CreateTimer(static state => ((StreamLane)state!).CloseIfIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The server.</summary>
    public Upstream Server { get; }

    /// <summary>The owner's number for it.</summary>
    public int Slot { get; }

    /// <summary>Whether it is connected.</summary>
    public bool IsReady => Volatile.Read(ref _isReady);

    /// <summary>Whether it takes no more questions.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>When the server last sent anything, in microseconds; 0 before it is connected.</summary>
    public long LastHeard => Volatile.Read(ref _socket)?.LastHeard ?? 0;

    /// <summary>The address it leaves from; null before it is connected.</summary>
    public IPAddress? LocalAddress => Volatile.Read(ref _socket)?.LocalAddress;

    /// <summary>Begins to connect.</summary>
    public void Start() => ThreadPool.UnsafeQueueUserWorkItem(static lane => _ = lane.RunAsync(), this, preferLocal: false);

    /// <summary>Adds a query that goes out with <see cref="Flush"/>; false when there is no room. The shard's thread.</summary>
    public bool TryAdd(ReadOnlySpan<byte> query, long now)
    {
        Volatile.Write(ref _lastUsed, now);
        return _output.TryAdd(query);
    }

    /// <summary>Has what was added written.</summary>
    public void Flush() => _toWrite.Set();

    /// <summary>How many questions wait for a reply; while there are any the lane is not idle. The shard's thread.</summary>
    public void SetInFlight(int count) => Volatile.Write(ref _inFlight, count);

    /// <summary>The shard is done with a batch.</summary>
    public void Return(LaneBatch batch)
    {
        lock (_lock)
        {
            _free[_freeCount++] = batch;
        }

        _freeBatches.Release();
    }

    /// <summary>Closes the lane. Any thread, idempotent.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            Volatile.Write(ref _isClosed, true);
        }

        _idle.Dispose();
        _closing.Cancel();
        _toWrite.Set();
    }

    private async Task RunAsync()
    {
        var error = UpstreamError.ConnectionLost;
        try
        {
            await using var connection = await _dialer.ConnectAsync(Server, _closing.Token).ConfigureAwait(false);
            var stream = connection.Stream;
            Volatile.Write(ref _socket, connection.Socket);
            Volatile.Write(ref _isReady, true);
            _idle.Change(_idleTime, _idleTime);
            var writing = WriteAllAsync(stream);
            try
            {
                await ReadAllAsync(stream).ConfigureAwait(false);
            }
            finally
            {
                Close();
                await writing.ConfigureAwait(false);
            }
        }
        catch (UpstreamDialException exception)
        {
            error = exception.Error;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            error = UpstreamError.ConnectionLost;   // reset, or closed by us: the questions say so
        }
        finally
        {
            Close();
            _owner.OnClosed(this, error);
        }
    }

    private async Task ReadAllAsync(Stream stream)
    {
        var earlier = default(LaneBatch);
        while (true)
        {
            var batch = await TakeAsync().ConfigureAwait(false);
            batch.Begin(earlier);
            do
            {
                var count = await stream.ReadAsync(batch.Free, _closing.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    return;
                }

                if (batch.Add(count))
                {
                    break;
                }
            }
            while (true);

            ReadIdleTime(batch, isFirst: earlier is null);
            earlier = batch;
            if (!_owner.TryReceive(this, batch))
            {
                Return(batch);      // the shard is flooded: the questions are asked again
            }
        }
    }

    private async ValueTask<LaneBatch> TakeAsync()
    {
        await _freeBatches.WaitAsync(_closing.Token).ConfigureAwait(false);
        lock (_lock)
        {
            return _free[--_freeCount];
        }
    }

    private void ReadIdleTime(LaneBatch batch, bool isFirst)
    {
        if (isFirst && Server.Link.IsEncrypted)
        {
            var messages = batch.Messages;
            _idleTime = KeepAlive.Read(messages.Slice(2, (messages[0] << 8) | messages[1]), _idleTime);
            if (_idleTime > TimeSpan.Zero)
            {
                _idle.Change(_idleTime, _idleTime);
            }
        }
    }

    private async Task WriteAllAsync(Stream stream)
    {
        var frame = new byte[2 + EncryptedQuery.MaxLength];
        using var limit = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _dialer.Clock.Time);
        using var ending = _closing.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), limit);
        try
        {
            while (!IsClosed)
            {
                while (!_output.IsEmpty)
                {
                    limit.CancelAfter(s_writeTime);
                    await WriteSomeAsync(stream, frame, limit.Token).ConfigureAwait(false);
                    limit.CancelAfter(Timeout.InfiniteTimeSpan);
                }

                await _toWrite.WaitAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Close();    // stalled, reset or closed: the reading task ends, too
        }
    }

    // Each query has a TLS record of its own: dnsdist, as it comes, reads one query and then waits for the socket, although it has the rest of the record in hand. The records
    // of a batch still leave in one system call.
    private async ValueTask WriteSomeAsync(Stream stream, byte[] frame, CancellationToken cancellationToken)
    {
        if (!Server.Link.IsEncrypted)
        {
            var octets = _output.Next();
            await stream.WriteAsync(octets, cancellationToken).ConfigureAwait(false);
            _output.Advance(octets.Length);
            return;
        }

        _socket!.IsHeld = true;
        for (var length = _output.Take(frame); length > 0; length = _socket.Held < MostAtOnce ? _output.Take(frame) : 0)
        {
            await stream.WriteAsync(frame.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        }

        await _socket.ReleaseAsync(cancellationToken).ConfigureAwait(false);
    }

    private void CloseIfIdle()
    {
        if (Volatile.Read(ref _inFlight) == 0 && _dialer.Clock.Now - Volatile.Read(ref _lastUsed) >= _idleTime.Ticks / TimeSpan.TicksPerMicrosecond)
        {
            Close();
        }
    }
}
