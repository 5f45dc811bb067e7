using System.Net;
using DnsFlow.Limits;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// The connections to one server: at most four, each with at most 64 questions in flight. A connection on which an answer is overdue gets no new
/// questions; those it has may still be answered. A question for which there is no place waits for one, as long as its caller does: when another server falls silent,
/// much of what it owes may come here at once.
/// </summary>
internal sealed class StreamConnectionPool(Upstream server, MonotonicClock clock, UpstreamDialer dialer) : IServerConnection
{
    /// <summary>Connections to one server at most.</summary>
    public const int MaxConnections = 4;

    private const int Comfortable = StreamConnection.MaxInFlight / 2;

    private readonly List<StreamConnection> _connections = [];
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _places = new(MaxConnections * StreamConnection.MaxInFlight);
    private bool _isClosed;
    private int _waiting;
    private long _refused;

    /// <summary>Questions that wait for a place at most.</summary>
    public const int MaxWaiting = 1_024;

    /// <summary>Connections that are open or being opened.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    /// <inheritdoc/>
    public bool IsUnused => Count == 0;

    /// <summary>Questions turned away because all connections were full and too many waited already.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <inheritdoc/>
    public async ValueTask<UpstreamResult> AskAsync(ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        if (await EnterAsync(cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return new UpstreamResult(null, failure, server);
        }

        try
        {
            return await BeginAsync(query, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <inheritdoc/>
    public void CloseIf(Func<IPAddress, bool> isDead)
    {
        StreamConnection[] open;
        lock (_lock)
        {
            open = [.. _connections];
        }

        foreach (var connection in open)
        {
            if (connection.LocalAddress is { } address && isDead(address))
            {
                connection.Close(UpstreamError.ConnectionLost);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        StreamConnection[] open;
        lock (_lock)
        {
            _isClosed = true;
            open = [.. _connections];
        }

        foreach (var connection in open)
        {
            connection.Close(UpstreamError.Abandoned);
        }
    }

    private async ValueTask<UpstreamError?> EnterAsync(CancellationToken cancellationToken)
    {
        if (_places.Wait(0, CancellationToken.None))
        {
            return null;
        }

        try
        {
            if (Interlocked.Increment(ref _waiting) > MaxWaiting)
            {
                Interlocked.Increment(ref _refused);
                return UpstreamError.Shed;
            }

            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException)
        {
            return UpstreamError.Abandoned;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private ValueTask<UpstreamResult> BeginAsync(ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        StreamConnection? connection;
        PendingReply? pending;
        lock (_lock)
        {
            connection = Choose();
            pending = connection?.TryBegin(query);
        }

        if (pending is null)
        {
            Interlocked.Increment(ref _refused);
            return ValueTask.FromResult(new UpstreamResult(null, UpstreamError.Shed, server));
        }

        connection!.Start();
        return connection.CompleteAsync(pending, cancellationToken);
    }

    // The least busy one that is well; a new one when that is busy already; and when there may be no more, one that gives no sign of life is cut.
    private StreamConnection? Choose()
    {
        var now = clock.Now;
        StreamConnection? best = null;
        foreach (var connection in _connections)
        {
            if (connection.IsFit(now) && (best is null || connection.InFlight < best.InFlight))
            {
                best = connection;
            }
        }

        if (best is not null && (best.InFlight < Comfortable || _connections.Count == MaxConnections))
        {
            return best;
        }

        return _isClosed ? null : OpenAnother() ?? best;
    }

    private StreamConnection? OpenAnother()
    {
        if (_connections.Count == MaxConnections)
        {
            var overdue = _connections.Find(connection => connection.IsOverdue);
            if (overdue is null)
            {
                return null;
            }

            overdue.Close(UpstreamError.ConnectionLost);
            _connections.Remove(overdue);
        }

        var opened = new StreamConnection(server, clock, dialer, Forget);
        _connections.Add(opened);
        return opened;
    }

    private void Forget(StreamConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }
}
