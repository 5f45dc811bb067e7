using DnsFlow.Limits;

namespace DnsFlow.Clients;

/// <summary>
/// Says which schedules it is the time of, as a set of bits. Looked at once a minute by the wall clock, for no schedule begins or ends within one; in between a
/// query costs one comparison. Thread safe.
/// </summary>
public sealed class ScheduleClock
{
    /// <summary>The most schedules of a configuration.</summary>
    public const int MaxSchedules = 64;

    private readonly Schedule[] _schedules;
    private readonly MonotonicClock? _clock;
    private volatile Reading _last = new(long.MinValue, 0);

    internal ScheduleClock(IReadOnlyDictionary<string, ScheduleOptions> schedules, MonotonicClock clock)
    {
        Names = [.. schedules.Keys.Take(MaxSchedules)];
        _clock = clock;
        _schedules = [.. Names.Select(name => new Schedule(schedules[name], clock.Time.LocalTimeZone))];
    }

    private ScheduleClock() => (Names, _schedules) = ([], []);

    /// <summary>No schedules.</summary>
    public static ScheduleClock None { get; } = new();

    /// <summary>The names of the schedules, in the order of their bits.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The schedules that are active at a time.</summary>
    public ulong ActiveAt(DateTimeOffset instant)
    {
        var active = 0UL;
        for (var i = 0; i < _schedules.Length; i++)
        {
            active |= _schedules[i].IsActive(instant) ? 1UL << i : 0;
        }

        return active;
    }

    /// <summary>The schedules that are active now.</summary>
    internal ulong ActiveNow() => _schedules.Length == 0 ? 0 : Active(_clock!.Now);

    /// <summary>The schedules that are active; <paramref name="now"/> is the monotonic time.</summary>
    internal ulong Active(long now)
    {
        if (_schedules.Length == 0)
        {
            return 0;
        }

        var last = _last;
        if (now >= last.Until)
        {
            var wall = _clock!.Time.GetUtcNow();
            var rest = TimeSpan.FromMinutes(1) - new TimeSpan(wall.Ticks % TimeSpan.TicksPerMinute);
            _last = last = new(now + (long)rest.TotalMicroseconds, ActiveAt(wall));
        }

        return last.Active;
    }

    private sealed record Reading(long Until, ulong Active);
}
