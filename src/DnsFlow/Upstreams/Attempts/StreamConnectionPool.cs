using System.Net;
using DnsFlow.Limits;

namespace DnsFlow.Upstreams.Attempts;

/// <summary>
/// The connections to one server: at most four, each with at most 64 questions in flight. A connection on which an answer is overdue gets no new
/// questions; those it has may still be answered.
/// </summary>
internal sealed class StreamConnectionPool(Upstream server, MonotonicClock clock, UpstreamDialer dialer) : IDisposable
{
    /// <summary>Connections to one server at most.</summary>
    public const int MaxConnections = 4;

    private const int Comfortable = StreamConnection.MaxInFlight / 2;

    private readonly List<StreamConnection> _connections = [];
    private readonly Lock _lock = new();
    private bool _isClosed;
    private long _refused;

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

    /// <summary>Questions turned away because all connections were full.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Asks; see <see cref="IUpstreamExchange.AskAsync"/>.</summary>
    public ValueTask<UpstreamResult> AskAsync(ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
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

    /// <summary>Closes the connections that leave from an address of which <paramref name="isDead"/> says so.</summary>
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
