using DnsFlow.Limits;

namespace DnsFlow.Upstreams;

/// <summary>
/// Tells a server's health and statistics about one attempt of the service plane: that it began, that its time-out passed, and how it ended. The attempt goes
/// on after its time-out, only no longer alone.
/// </summary>
internal sealed class AttemptReport : IDisposable
{
    private const int Fresh = 0, TimedOut = 1, Ended = 2;

    private readonly Upstream _server;
    private readonly UpstreamHealth _health;
    private readonly MonotonicClock _clock;
    private readonly Action _onTimeout;
    private readonly long _began;
    private readonly ITimer _timer;
    private int _state;

    /// <summary>Begins an attempt; <paramref name="onTimeout"/> is called when its time-out passes first.</summary>
    public AttemptReport(in PlannedAttempt attempt, UpstreamHealth health, MonotonicClock clock, Action onTimeout)
    {
        (_server, _health, _clock, _onTimeout) = (attempt.Server, health, clock, onTimeout);
        _began = clock.Now;
        _server.Sent();
        if (attempt.IsRetry)
        {
            _server.Statistics.CountRetry();
        }
        else if (attempt.IsHedge)
        {
            _server.Statistics.CountHedge();
        }

        _timer = clock.Time.CreateTimer(
            static state => ((AttemptReport)state!).OnTimer(), this, TimeSpan.FromMicroseconds(_health.AttemptTimeout), Timeout.InfiniteTimeSpan);
    }

    /// <summary>The attempt ended. Returns whether that was before its time-out.</summary>
    public bool End(UpstreamError error)
    {
        var roundTrip = Math.Max(1, _clock.Now - _began);
        var isAnswer = error is UpstreamError.None or UpstreamError.Truncated;
        var state = Interlocked.Exchange(ref _state, Ended);
        switch (state)
        {
            case Fresh when isAnswer:
                _server.Succeeded(_health, roundTrip, _clock.Now);
                break;
            case Fresh:
                _server.Failed(_health, error, _clock.Now);
                break;
            case TimedOut when isAnswer:
                _server.SucceededLate(_health, roundTrip);
                break;
            default:
                break;      // it has counted as timed out, and nothing came
        }

        return state == Fresh;
    }

    /// <summary>Stops the timer.</summary>
    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        if (Interlocked.CompareExchange(ref _state, TimedOut, Fresh) == Fresh)
        {
            _server.Failed(_health, UpstreamError.Timeout, _clock.Now);
            _onTimeout();
        }
    }
}
