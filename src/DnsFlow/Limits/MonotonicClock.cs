namespace DnsFlow.Limits;

/// <summary>
/// The one clock of the running proxy: microseconds since it was made, from <see cref="TimeProvider.GetTimestamp"/>, so a jump of the
/// wall clock moves no time-out and no TTL. Thread safe.
/// </summary>
public sealed class MonotonicClock(TimeProvider time)
{
    /// <summary>Microseconds in a millisecond.</summary>
    public const long Millisecond = 1_000;

    /// <summary>Microseconds in a second.</summary>
    public const long Second = 1_000_000;

    private readonly long _start = time.GetTimestamp();

    /// <summary>The time provider behind the clock.</summary>
    public TimeProvider Time { get; } = time;

    // Older than any response that a saved cache may bring along: a week in its time and a week after it.
    private const long Start = 15 * 86_400 * Second;

    /// <summary>Microseconds since this clock was made; starts at fifteen days, so that "long ago" is never negative.</summary>
    public long Now => Start + (long)((Time.GetTimestamp() - _start) * ((double)Second / Time.TimestampFrequency));
}
