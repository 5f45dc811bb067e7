namespace DnsFlow.Upstreams;

/// <summary>
/// What is known of a server by one protocol: the smoothed round trip and the circuit breaker. Shards report the first attempts and the service
/// plane all later ones, so there is one breaker, and it sees everything. Any thread; a success takes no lock and allocates nothing.
/// </summary>
/// <remarks>
/// The breaker opens at <see cref="UpstreamGroupOptions.FailAfter"/> failures in a row without an answer for as long as an attempt waits, or when at least half of at least 20 attempts of the last
/// 10 s failed. It then lets one query through after <see cref="UpstreamGroupOptions.ProbeEvery"/>, doubling, until one is answered: a question of our own
/// (<see cref="UpstreamProber"/>; up to 2 s apart, for it costs no client anything) or, with probes off, a client's (up to 10 s apart).
/// Only silence and network errors count. SERVFAIL does not: whoever owns a broken zone can produce it at will, and must not
/// be able to take a server away from everybody. A server that answers mostly so is <see cref="UpstreamState.Suspect"/>, that is: asked last.
/// </remarks>
internal sealed class UpstreamHealth(UpstreamGroupOptions options, Action<bool>? onChanged = null)
{
    private const long Millisecond = 1_000, Second = 1_000_000;
    private const long SuspectTime = 5 * Second;
    private const int WindowMinimum = 20, SuspectMinimum = 10;

    private readonly SlidingCount _attempts = new();
    private readonly SlidingCount _failures = new();
    private readonly SlidingCount _badResponses = new();
    private readonly long _longestAttempt = Microseconds(options.AttemptTimeout);
    private readonly long _firstPause = Microseconds(options.ProbeEvery);
    private readonly int _failAfter = options.FailAfter;
    private readonly bool _isProbedByQueries = options.Probe == ProbeMode.Off;
    private readonly long _longestPause = options.Probe == ProbeMode.Off ? 10 * Second : 2 * Second;

    // 0: closed. Else the time from which one query may try; moved ahead by whoever takes that turn.
    private long _gate;
    private long _pause;
    private int _probing;
    private int _failuresInARow;
    private long _roundTrip;
    private long _opened;
    private long _suspectUntil;
    private long _lastAnswer;

    /// <summary>The smoothed round trip in microseconds; 0 before the first answer.</summary>
    public long RoundTrip => Volatile.Read(ref _roundTrip);

    /// <summary>How often the breaker opened.</summary>
    public long Opened => Volatile.Read(ref _opened);

    /// <summary>Whether the breaker is open or half open.</summary>
    public bool IsDown => Volatile.Read(ref _gate) != 0;

    /// <summary>
    /// How long to wait for an answer before somebody else is asked too, in microseconds: three times the smoothed round trip within 200 ms
    /// and the configured longest wait (1.5 s), 800 ms before the first answer.
    /// </summary>
    public long AttemptTimeout
    {
        get
        {
            var roundTrip = RoundTrip;
            return Math.Min(_longestAttempt, roundTrip == 0 ? 800 * Millisecond : Math.Max(200 * Millisecond, 3 * roundTrip));
        }
    }

    /// <summary>The same for an attempt that has to open a connection first, in microseconds: twice as long, for that takes some round trips; 800 ms before the first answer.</summary>
    public long ConnectingTime => RoundTrip == 0 ? AttemptTimeout : Math.Min(_longestAttempt, 2 * AttemptTimeout);

    /// <summary>Whether at least half of the last responses were bad ones; after five seconds it may prove itself again.</summary>
    public bool IsSuspect(long now) => now < Volatile.Read(ref _suspectUntil);

    /// <summary>Whether the server is up and answered within the last ten seconds, and nothing failed since.</summary>
    public bool IsProven(long now)
        => !IsDown && Volatile.Read(ref _failuresInARow) == 0 && Volatile.Read(ref _lastAnswer) is var last && last != 0 && now - last < 10 * Second;

    /// <summary>The state, for people.</summary>
    public UpstreamState State(long now)
        => IsDown ? (Volatile.Read(ref _probing) != 0 ? UpstreamState.Probing : UpstreamState.Down)
            : IsSuspect(now) ? UpstreamState.Suspect : UpstreamState.Up;

    /// <summary>
    /// Whether the server may be asked now. While the breaker is open one caller is told so when the pause is over; its query is the probe. A probe
    /// that is never reported holds the place until its time-out has certainly passed.
    /// </summary>
    public bool TryUse(long now)
    {
        var gate = Volatile.Read(ref _gate);
        return gate == 0 || (_isProbedByQueries && now >= gate && TryProbe(gate, now));
    }

    /// <summary>Whether <see cref="TryUse"/> is likely to say yes; changes nothing.</summary>
    public bool MayUse(long now)
    {
        var gate = Volatile.Read(ref _gate);
        return gate == 0 || (_isProbedByQueries && now >= gate);
    }

    /// <summary>Whether the breaker is open and its pause over, for a probe of our own; the caller then has the turn and reports how it went.</summary>
    public bool TryTakeProbe(long now)
    {
        var gate = Volatile.Read(ref _gate);
        return gate != 0 && now >= gate && TryProbe(gate, now);
    }

    /// <summary>An attempt was answered in time.</summary>
    public void Succeeded(long roundTrip, long now)
    {
        _attempts.Add(now);
        Volatile.Write(ref _lastAnswer, now);
        Alive(roundTrip);
    }

    /// <summary>An attempt that was already counted as failed was answered after all. It closes the breaker unless it came uselessly late.</summary>
    public void SucceededLate(long roundTrip)
    {
        if (roundTrip <= _longestAttempt)
        {
            Alive(roundTrip);
        }
        else
        {
            Smooth(roundTrip);
        }
    }

    /// <summary>The server answered, but SERVFAIL, REFUSED, FORMERR or NOTIMP: it lives.</summary>
    public void AnsweredBadly(long now)
    {
        _attempts.Add(now);
        _badResponses.Add(now);
        Volatile.Write(ref _lastAnswer, now);
        var bad = _badResponses.Sum(now);
        if (bad >= SuspectMinimum && 2 * bad >= _attempts.Sum(now))
        {
            Volatile.Write(ref _suspectUntil, now + SuspectTime);
        }

        Alive(0);
    }

    /// <summary>An attempt was not answered in time, or the network reported an error.</summary>
    public void Failed(long now)
    {
        _attempts.Add(now);
        _failures.Add(now);
        var inARow = Interlocked.Increment(ref _failuresInARow);
        if (Volatile.Read(ref _gate) != 0)
        {
            ProbeFailed(now);
        }
        else if ((inARow >= _failAfter && IsSilent(now)) || HalfFailed(now))
        {
            Open(now);
        }
    }

    /// <summary>An attempt ended without saying anything about the server: if it was the probe, the next query may be it.</summary>
    public void Released(long now)
    {
        var gate = Volatile.Read(ref _gate);
        if (gate != 0 && Interlocked.Exchange(ref _probing, 0) != 0)
        {
            Interlocked.CompareExchange(ref _gate, Math.Max(1, now), gate);
        }
    }

    /// <summary>The network is another one: what failed may work now, so the pause is over.</summary>
    public void Retry(long now)
    {
        var gate = Volatile.Read(ref _gate);
        if (gate != 0)
        {
            Volatile.Write(ref _pause, _firstPause);
            Volatile.Write(ref _probing, 0);
            Interlocked.CompareExchange(ref _gate, Math.Max(1, now), gate);
        }
    }

    private bool TryProbe(long gate, long now)
    {
        if (Interlocked.CompareExchange(ref _gate, now + _longestAttempt + 500 * Millisecond, gate) != gate)
        {
            return false;
        }

        Volatile.Write(ref _probing, 1);
        return true;
    }

    // At a hundred thousand questions a second, five losses in a row are a matter of a millisecond and say nothing: the server must also have kept silent
    // for as long as one attempt waits.
    private bool IsSilent(long now) => now - Volatile.Read(ref _lastAnswer) >= AttemptTimeout;

    private bool HalfFailed(long now)
    {
        var attempts = _attempts.Sum(now);
        return attempts >= WindowMinimum && 2 * _failures.Sum(now) >= attempts;
    }

    private void Open(long now)
    {
        Volatile.Write(ref _pause, _firstPause);
        if (Interlocked.CompareExchange(ref _gate, now + _firstPause, 0) == 0)
        {
            Interlocked.Increment(ref _opened);
            Announce(isDown: true);
        }
    }

    // Attempts from before the breaker opened fail as well; only the probe's failure lengthens the pause.
    private void ProbeFailed(long now)
    {
        if (Interlocked.Exchange(ref _probing, 0) != 0)
        {
            var pause = Math.Min(2 * Volatile.Read(ref _pause), Math.Max(_longestPause, _firstPause));
            Volatile.Write(ref _pause, pause);
            Volatile.Write(ref _gate, now + pause);
        }
    }

    private void Alive(long roundTrip)
    {
        if (Volatile.Read(ref _failuresInARow) != 0)
        {
            Volatile.Write(ref _failuresInARow, 0);
        }

        if (Volatile.Read(ref _gate) != 0)
        {
            Close();
        }

        Smooth(roundTrip);
    }

    // The old failures must not open it again at the next one.
    private void Close()
    {
        _attempts.Clear();
        _failures.Clear();
        Volatile.Write(ref _probing, 0);
        if (Interlocked.Exchange(ref _gate, 0) != 0)
        {
            Announce(isDown: false);
        }
    }

    // On another thread: the one that found out may be a shard's, which must not wait for a log.
    private void Announce(bool isDown)
    {
        if (onChanged is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static change => change.Tell(change.IsDown), (Tell: onChanged, IsDown: isDown), preferLocal: false);
        }
    }

    // Two threads may overwrite each other's sample; the next one mends it.
    private void Smooth(long sample)
    {
        if (sample > 0)
        {
            var old = Volatile.Read(ref _roundTrip);
            Volatile.Write(ref _roundTrip, old == 0 ? sample : old + ((sample - old) / 8));
        }
    }

    private static long Microseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
