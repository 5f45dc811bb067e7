using DnsFlow.Telemetry;

namespace DnsFlow.Upstreams;

/// <summary>What happened between us and one server since the process began. Any thread reads and adds; totals only grow.</summary>
internal sealed class UpstreamStatistics
{
    private long _sent;
    private long _answered;
    private long _timeouts;
    private long _errors;
    private long _abandoned;
    private long _retries;
    private long _mismatches;
    private long _late;
    private long _hedges;
    private long _hedgesWon;
    private long _probes;
    private long _untrusted;
    private long _lanesFull;
    private string? _problem;

    /// <summary>Attempts begun, on all protocols.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Attempts answered in time with a usable response.</summary>
    public long Answered => Volatile.Read(ref _answered);

    /// <summary>Attempts not answered in time.</summary>
    public long Timeouts => Volatile.Read(ref _timeouts);

    /// <summary>Attempts that ended with a network error, a bad response or too many mismatches.</summary>
    public long Errors => Volatile.Read(ref _errors);

    /// <summary>Attempts given up because another one was answered first.</summary>
    public long Abandoned => Volatile.Read(ref _abandoned);

    /// <summary>Attempts that were not the first of their question; they are among <see cref="Sent"/>.</summary>
    public long Retries => Volatile.Read(ref _retries);

    /// <summary>Replies that did not match what was asked, or did not parse.</summary>
    public long Mismatches => Volatile.Read(ref _mismatches);

    /// <summary>Answers that came after their attempt had counted as timed out, and were still of use.</summary>
    public long Late => Volatile.Read(ref _late);

    /// <summary>Attempts begun beside one that had not failed; they are among <see cref="Sent"/>.</summary>
    public long Hedges => Volatile.Read(ref _hedges);

    /// <summary>How many of <see cref="Hedges"/> brought the answer.</summary>
    public long HedgesWon => Volatile.Read(ref _hedgesWon);

    /// <summary>Questions of our own that asked whether the server is back; they are among <see cref="Sent"/>.</summary>
    public long Probes => Volatile.Read(ref _probes);

    /// <summary>Connections on which the server was not believed or did not speak TLS as it should.</summary>
    public long Untrusted => Volatile.Read(ref _untrusted);

    /// <summary>Questions for which all connections of their shard to the server were full; the service plane asked them by its own.</summary>
    public long LanesFull => Volatile.Read(ref _lanesFull);

    /// <summary>Why the last connection could not be used, or the last HTTP response, for people; null since one could.</summary>
    public string? Problem
    {
        get => Volatile.Read(ref _problem);
        set => Volatile.Write(ref _problem, value);
    }

    /// <summary>Attempts under way.</summary>
    public long Outstanding => Math.Max(0, Sent - Answered - Timeouts - Errors - Abandoned);

    /// <summary>Round trips of answered attempts.</summary>
    public LatencyHistogram RoundTrips { get; } = new(shared: true);

    /// <summary>An attempt begins.</summary>
    public void CountSent() => Interlocked.Increment(ref _sent);

    /// <summary>An attempt begins that is not the first of its question.</summary>
    public void CountRetry() => Interlocked.Increment(ref _retries);

    /// <summary>An attempt begins beside one that has not failed.</summary>
    public void CountHedge() => Interlocked.Increment(ref _hedges);

    /// <summary>Such an attempt brought the answer.</summary>
    public void CountHedgeWon() => Interlocked.Increment(ref _hedgesWon);

    /// <summary>We ask for ourselves.</summary>
    public void CountProbe() => Interlocked.Increment(ref _probes);

    /// <summary>The server was not believed.</summary>
    public void CountUntrusted() => Interlocked.Increment(ref _untrusted);

    /// <summary>All connections of a shard to the server are full.</summary>
    public void CountLanesFull() => Interlocked.Increment(ref _lanesFull);

    /// <summary>A reply did not match or did not parse.</summary>
    public void CountMismatch() => Interlocked.Increment(ref _mismatches);

    /// <summary>An attempt was answered in time.</summary>
    public void CountAnswered(long roundTrip)
    {
        Interlocked.Increment(ref _answered);
        RoundTrips.Record(roundTrip);
    }

    /// <summary>An attempt that had timed out was answered.</summary>
    public void CountLate(long roundTrip)
    {
        Interlocked.Increment(ref _late);
        RoundTrips.Record(roundTrip);
    }

    /// <summary>An attempt ended without a usable response.</summary>
    public void CountFailed(UpstreamError error)
    {
        switch (error)
        {
            case UpstreamError.Timeout:
                Interlocked.Increment(ref _timeouts);
                break;
            case UpstreamError.Abandoned:
                Interlocked.Increment(ref _abandoned);
                break;
            default:
                Interlocked.Increment(ref _errors);
                break;
        }
    }
}
