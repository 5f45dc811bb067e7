using DnsFlow.Limits;

namespace DnsFlow.Copying;

/// <summary>
/// The times that a stream flow may take, and since when it takes them. Its copier notes what it does, on whatever thread; the sweep over all flows looks. A part of its
/// copier, so that ten thousand idle flows do not have an object more each.
/// </summary>
internal struct StreamTimes(long now)
{
    private const long MessageTime = 2 * MonotonicClock.Second;
    private const long WriteTime = 2 * MonotonicClock.Second;
    private const long HalfClosedTime = 5 * MonotonicClock.Second;
    private const long WholeTime = 300 * MonotonicClock.Second;

    private readonly long _openedAt = now;
    private long _lastActive = now;
    private long _partialSince = long.MaxValue;
    private long _writingSince = long.MaxValue;
    private long _halfClosedSince = long.MaxValue;

    /// <summary>When something last went either way, in microseconds.</summary>
    public readonly long LastActive => Volatile.Read(in _lastActive);

    /// <summary>Something was read.</summary>
    public void Read(long now) => Volatile.Write(ref _lastActive, now);

    /// <summary>What was read ends inside of a message, or does not. More octets of the same message do not begin its time anew.</summary>
    public void Partial(bool isPartial, long now)
    {
        var began = Volatile.Read(ref _partialSince);
        Volatile.Write(ref _partialSince, !isPartial ? long.MaxValue : began == long.MaxValue ? now : began);
    }

    /// <summary>A write begins.</summary>
    public void WriteBegins(long now) => Volatile.Write(ref _writingSince, now);

    /// <summary>It has ended.</summary>
    public void WriteEnds(long now)
    {
        Volatile.Write(ref _writingSince, long.MaxValue);
        Volatile.Write(ref _lastActive, now);
    }

    /// <summary>The client sends no more; what it asked is still answered.</summary>
    public void HalfClosed(long now) => Volatile.Write(ref _halfClosedSince, now);

    /// <summary>Whether the client has not taken what is written for too long.</summary>
    public readonly bool IsStalled(long now) => now - Volatile.Read(in _writingSince) > WriteTime;

    /// <summary>Whether a message, or the end of a half-closed flow, has taken too long.</summary>
    public readonly bool IsLate(long now) => now - Volatile.Read(in _partialSince) > MessageTime || now - Volatile.Read(in _halfClosedSince) > HalfClosedTime;

    /// <summary>Whether a flow in which nothing happens has been so for too long, or is too old.</summary>
    public readonly bool IsOver(long now, long idleTime) => now - LastActive > idleTime || now - _openedAt > WholeTime;
}
