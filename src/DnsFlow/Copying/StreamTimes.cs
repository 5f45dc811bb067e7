using DnsFlow.Limits;

namespace DnsFlow.Copying;

/// <summary>
/// The times that a client may take to send, and since when it takes them. Its copier notes what it reads, on whatever thread; the sweep over all flows looks. A part
/// of its copier, so that ten thousand idle flows do not have an object more each.
/// </summary>
internal struct StreamTimes(long now)
{
    private const long MessageTime = 2 * MonotonicClock.Second;
    private const long HalfClosedTime = 5 * MonotonicClock.Second;
    private const long WholeTime = 300 * MonotonicClock.Second;

    private readonly long _openedAt = now;
    private long _lastRead = now;
    private long _partialSince = long.MaxValue;
    private long _halfClosedSince = long.MaxValue;

    /// <summary>When something was read last, in microseconds; when nothing was, when the flow began.</summary>
    public readonly long LastRead => Volatile.Read(in _lastRead);

    /// <summary>Something was read.</summary>
    public void Read(long now) => Volatile.Write(ref _lastRead, now);

    /// <summary>What was read ends inside of a message, or does not. More octets of the same message do not begin its time anew.</summary>
    public void Partial(bool isPartial, long now)
    {
        var began = Volatile.Read(ref _partialSince);
        Volatile.Write(ref _partialSince, !isPartial ? long.MaxValue : began == long.MaxValue ? now : began);
    }

    /// <summary>The client sends no more; what it asked is still answered.</summary>
    public void HalfClosed(long now) => Volatile.Write(ref _halfClosedSince, now);

    /// <summary>Whether a message has taken too long to be complete.</summary>
    public readonly bool IsLate(long now) => now - Volatile.Read(in _partialSince) > MessageTime;

    /// <summary>Whether the end of a half-closed flow has taken too long.</summary>
    public readonly bool IsEndLate(long now) => now - Volatile.Read(in _halfClosedSince) > HalfClosedTime;

    /// <summary>Whether the flow is too old, once nothing is in flight.</summary>
    public readonly bool IsOver(long now) => now - _openedAt > WholeTime;
}
