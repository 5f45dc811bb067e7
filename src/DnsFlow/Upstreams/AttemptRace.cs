using DnsFlow.Limits;

namespace DnsFlow.Upstreams;

/// <summary>
/// The attempts of one question on the service plane. They overlap: one that has not answered when its time-out passes is not cut off, another one is
/// begun beside it, and the first good answer wins. A SERVFAIL or a response that was cut is kept, for want of a better one.
/// </summary>
#pragma warning disable CA1001 // The source is linked to the transaction's, which dies with it; losers may still look at it when the race is over.
internal sealed class AttemptRace
#pragma warning restore CA1001
{
    private readonly Transaction _transaction;
    private readonly IUpstreamExchange _exchange;
    private readonly MonotonicClock _clock;
    private readonly RetryPlan _plan;
    private readonly CancellationTokenSource _ending;
    private readonly Lock _lock = new();
    private UpstreamResult _fallback;
    private UpstreamError _reason;
    private Upstream? _lastServer;
    private TimeSpan _currentTimeout = Timeout.InfiniteTimeSpan;
    private int _fresh;
    private bool _isExhausted;
    private bool _awaitsBudget;

    /// <summary>Takes the question over where its first attempt ended.</summary>
    public AttemptRace(Transaction transaction, IUpstreamExchange exchange, MonotonicClock clock)
    {
        (_transaction, _exchange, _clock) = (transaction, exchange, clock);
        _plan = new RetryPlan(transaction);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(transaction.Abandoned);
        Remember(new UpstreamResult(transaction.Response, transaction.Failure, transaction.FailedServer));
    }

    /// <summary>Cancelled when there is no sense in waiting any longer.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>What is left of the question's time.</summary>
    public TimeSpan TimeLeft => TimeSpan.FromMicroseconds(Math.Max(0, _transaction.Deadline - _clock.Now));

    /// <summary>How long the attempt that was begun last is waited for before another one is begun beside it.</summary>
    public TimeSpan CurrentTimeout
    {
        get
        {
            lock (_lock)
            {
                return _currentTimeout;
            }
        }
    }

    /// <summary>Whether nothing is under way only because the retry budget is spent.</summary>
    public bool AwaitsBudget
    {
        get
        {
            lock (_lock)
            {
                return _awaitsBudget;
            }
        }
    }

    /// <summary>The result when no attempt brought a good answer: the response that was kept, else why there is none.</summary>
    public UpstreamResult Consolation
    {
        get
        {
            lock (_lock)
            {
                return _fallback.Error != UpstreamError.None ? _fallback : new UpstreamResult(null, _reason, _lastServer);
            }
        }
    }

    /// <summary>Begins the next attempt, if there may be one now, and sees it through: to TCP, and to a new connection, where the protocol asks for it.</summary>
    public async ValueTask<UpstreamResult> AttemptAsync(CancellationToken cancellationToken)
    {
        var result = new UpstreamResult(null, UpstreamError.Abandoned, null);
        var goesOn = true;
        while (goesOn && !cancellationToken.IsCancellationRequested)
        {
            if (!_plan.TryNext(_clock.Now, out var attempt, out var isBudgetSpent))
            {
                return NothingMore(isBudgetSpent);
            }

            result = await AskAsync(attempt, cancellationToken).ConfigureAwait(false);
            goesOn = result.Error != UpstreamError.None && _plan.Ended(attempt, result.Error);
        }

        return result;
    }

    private async ValueTask<UpstreamResult> AskAsync(PlannedAttempt attempt, CancellationToken cancellationToken)
    {
        var health = attempt.OverStream ? attempt.Server.StreamHealth : attempt.Server.Health;
        lock (_lock)
        {
            _fresh++;
            _awaitsBudget = false;
            _currentTimeout = _plan.IsParallel ? TimeSpan.Zero : TimeSpan.FromMicroseconds(health.AttemptTimeout);
        }

        using var report = new AttemptReport(attempt, health, _clock, OnAttemptTimedOut);
        var result = await _exchange.AskAsync(attempt.Server, attempt.OverStream, _transaction.Query, cancellationToken).ConfigureAwait(false);
        if (attempt.IsHedge && result.Error == UpstreamError.None)
        {
            attempt.Server.Statistics.CountHedgeWon();
        }

        if (report.End(result.Error))
        {
            NoLongerFresh();
        }
        else if (result.Error == UpstreamError.Abandoned)
        {
            result = result with { Error = UpstreamError.Timeout };
        }

        Remember(result);
        return result;
    }

    private UpstreamResult NothingMore(bool isBudgetSpent)
    {
        lock (_lock)
        {
            _currentTimeout = Timeout.InfiniteTimeSpan;
            _isExhausted |= !isBudgetSpent;
            _awaitsBudget = isBudgetSpent && _fresh == 0;
        }

        var nothing = new UpstreamResult(null, isBudgetSpent ? UpstreamError.BudgetSpent : UpstreamError.AllDown, null);
        Remember(nothing);
        EndWhenHopeless();
        return nothing;
    }

    private void Remember(in UpstreamResult result)
    {
        lock (_lock)
        {
            if (Worth(result) > Worth(_fallback))
            {
                _fallback = result;
            }

            // What a server did says more than why nobody else was asked.
            if (result.Error != UpstreamError.Abandoned && (result.Server is not null || _lastServer is null))
            {
                (_reason, _lastServer) = (result.Error, result.Server);
            }
        }
    }

    private static int Worth(in UpstreamResult result)
        => (result.Error switch { UpstreamError.Truncated => 2, UpstreamError.BadResponse => 1, _ => 0 }) is var kind and > 0
            ? kind + (result.Response is null ? 0 : 2)
            : 0;

    private void OnAttemptTimedOut()
    {
        NoLongerFresh();
        EndWhenHopeless();
    }

    private void NoLongerFresh()
    {
        lock (_lock)
        {
            _fresh--;
        }
    }

    // A bad response is in hand, nobody is left to be asked, and whoever has not answered is overdue: the client gets it now, not at the deadline.
    private void EndWhenHopeless()
    {
        bool isHopeless;
        lock (_lock)
        {
            isHopeless = _isExhausted && _fresh == 0 && _fallback.Error != UpstreamError.None;
        }

        if (isHopeless)
        {
            _ending.Cancel();
        }
    }
}
