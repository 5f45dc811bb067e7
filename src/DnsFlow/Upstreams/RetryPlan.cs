using DnsFlow.Protocol;

namespace DnsFlow.Upstreams;

/// <summary>What may be asked next for one question: at most three packets, another server first, within the group's retry budget. Any thread.</summary>
/// <remarks>
/// The budget guards servers against a flood of retries. It is not touched by a step that the protocol asks for (TCP after a response that was cut,
/// or when somebody guesses), nor when a server went down and another one that is known to answer takes over: no server that works gets more than one
/// packet for the question then.
/// </remarks>
internal sealed class RetryPlan
{
    /// <summary>Packets for one question at most, whatever is configured.</summary>
    public const int MaxPackets = 3;

    private readonly UpstreamGroup _group;
    private readonly AskedServer[] _asked = new AskedServer[MaxPackets];
    private readonly Lock _lock = new();
    private readonly Upstream? _chosen;
    private Upstream? _owedStream;
    private Upstream? _reconnected;
    private readonly byte[] _name;
    private int _count;
    private int _hedges;
    private bool _wasRefused;

    /// <summary>Begins where the transaction's first attempt ended.</summary>
    public RetryPlan(Transaction transaction)
    {
        _group = transaction.Group;
        _name = LoweredName(transaction.Query);
        if (transaction.Failure == UpstreamError.None)
        {
            _chosen = transaction.FailedServer;
        }
        else if (transaction.FailedServer is { } failed)
        {
            for (var i = 0; i <= Math.Min(transaction.EarlierPackets, MaxPackets - 1); i++)
            {
                _asked[_count++] = new AskedServer(failed, IsFinal(transaction.Failure));
            }

            _owedStream = NeedsStream(transaction.Failure) ? failed : null;
            if (transaction.Failure == UpstreamError.ConnectionLost && !failed.UsesDatagrams)
            {
                _owedStream = _reconnected = failed;
            }

            _hedges = transaction.Failure != UpstreamError.Slow ? 0 : _group.Patience(failed) == 0 ? MaxPackets : 1;
        }
    }

    /// <summary>Packets sent so far, the first attempt's included.</summary>
    public int Packets
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Whether the next attempt is not to wait for the one before it.</summary>
    public bool IsParallel
    {
        get
        {
            lock (_lock)
            {
                return _hedges > 0;
            }
        }
    }

    /// <summary>
    /// Takes the next attempt. Returns false when there is none: for good, or with <paramref name="isBudgetSpent"/> only for now.
    /// </summary>
    public bool TryNext(long now, out PlannedAttempt attempt, out bool isBudgetSpent)
    {
        lock (_lock)
        {
            isBudgetSpent = false;
            var owed = _owedStream;
            _owedStream = null;
            if (owed is not null && _count < MaxPackets && owed.StreamHealth.TryUse(now))
            {
                return Take(owed, overStream: true, out attempt);
            }

            if (_count == 0 && _chosen is not null)
            {
                return Take(_chosen, OverStream(_chosen), out attempt);
            }

            attempt = default;
            var server = _count < Math.Min(MaxPackets, _group.Options.Attempts) ? _group.Next(_asked.AsSpan(0, _count), new UpstreamQuestion(_name, now), onlyOthers: _hedges > 0) : null;
            if (server is null)
            {
                return false;
            }

            isBudgetSpent = !MayRetry(server, now);
            return !isBudgetSpent && Take(server, OverStream(server), out attempt);
        }
    }

    /// <summary>
    /// An attempt ended with <paramref name="error"/>. Returns true when the protocol asks for one more at the same server, over a new
    /// stream, and <see cref="TryNext"/> will give it.
    /// </summary>
    public bool Ended(in PlannedAttempt attempt, UpstreamError error)
    {
        lock (_lock)
        {
            if (attempt.OverStream && error == UpstreamError.ConnectionLost && MayReconnect(attempt.Server))
            {
                _owedStream = _reconnected = attempt.Server;
            }
            else if (!attempt.OverStream && NeedsStream(error))
            {
                _owedStream = attempt.Server;
            }
            else if (IsFinal(error))
            {
                MarkFinal(attempt.Server);
            }

            return _owedStream is not null && _count < MaxPackets;
        }
    }

    // Cookies and letter case are for the shards' first attempts. What guards a question there must not be missing when it is asked again: a connection proves as much.
    private bool OverStream(Upstream server) => !server.UsesDatagrams || _group.Options.Cookies || _group.Options.RandomCase;

    /// <summary>Once for each server, and never with the last packet while there is another server to ask.</summary>
    private bool MayReconnect(Upstream server)
        => !ReferenceEquals(_reconnected, server) && (_count < MaxPackets - 1 || !HasUnasked());

    private bool HasUnasked()
    {
        foreach (var server in _group.Servers)
        {
            if (!WasAsked(server))
            {
                return true;
            }
        }

        return false;
    }

    private static bool NeedsStream(UpstreamError error) => error is UpstreamError.Truncated or UpstreamError.Spoofed;

    // Slow: it has the question already, and its time.
    private static bool IsFinal(UpstreamError error) => error is UpstreamError.BadResponse or UpstreamError.Loop or UpstreamError.Slow;

    private bool MayRetry(Upstream server, long now)
    {
        if (_count == 0)
        {
            _group.RetryBudget.CountQuestion(now);
            return true;
        }

        if (_hedges > 0)
        {
            return true;
        }

        var takesOver = _asked[_count - 1].Server.Health.IsDown && server.Health.IsProven(now) && !WasAsked(server);
        if (takesOver || _group.RetryBudget.TryTake(now))
        {
            return true;
        }

        if (!_wasRefused)
        {
            _wasRefused = true;
            _group.RetryBudget.CountRefused();
        }

        server.Health.Released(now);
        return false;
    }

    private bool Take(Upstream server, bool overStream, out PlannedAttempt attempt)
    {
        var isHedge = _hedges > 0;
        _hedges -= isHedge ? 1 : 0;
        attempt = new PlannedAttempt(server, overStream, IsRetry: _count > 0 && !isHedge, isHedge);
        _asked[_count++] = new AskedServer(server, IsFinal: false);
        return true;
    }

    private static byte[] LoweredName(ReadOnlySpan<byte> query)
    {
        if (query.IsEmpty)
        {
            return [];
        }

        var name = UpstreamQueryWriter.Question(query)[..^4];
        var lowered = new byte[name.Length];
        WireName.ToLower(name, lowered);
        return lowered;
    }

    private bool WasAsked(Upstream server)
    {
        foreach (var entry in _asked.AsSpan(0, _count))
        {
            if (ReferenceEquals(entry.Server, server))
            {
                return true;
            }
        }

        return false;
    }

    private void MarkFinal(Upstream server)
    {
        foreach (ref var entry in _asked.AsSpan(0, _count))
        {
            if (ReferenceEquals(entry.Server, server))
            {
                entry = entry with { IsFinal = true };
            }
        }
    }
}
