using DnsFlow.Limits;
using DnsFlow.Shards;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Shards;

public sealed class TimerWheelTests
{
    private const long Start = 3_600 * MonotonicClock.Second;

    [Fact]
    public void TakeDue_AnySchedule_FiresEachOnceNeverEarlyAndNotMissed() => Prop.ForAll<(byte Slot, ushort Delay, ushort Step)[]>(steps =>
    {
        using var wheel = new TimerWheel(256, Start);
        var model = new Dictionary<int, long>();
        var now = Start;
        foreach (var (slot, delay, step) in steps)
        {
            if (delay % 7 == 0)
            {
                wheel.Clear(slot);
                model.Remove(slot);
            }
            else
            {
                model[slot] = now + delay * 400L;       // up to 26 s: beyond the wheel's horizon too
                wheel.Set(slot, model[slot]);
            }

            now += step * 100L;
            if (!TakenMatch(wheel, model, now))
            {
                return false;
            }
        }

        return TakenMatch(wheel, model, now + 60 * MonotonicClock.Second) && wheel.IsEmpty;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void MillisecondsToNext_AnySchedule_NeverSleepsPastTheNext() => Prop.ForAll<ushort[]>(delays =>
    {
        using var wheel = new TimerWheel(Math.Max(1, delays.Length), Start);
        for (var i = 0; i < delays.Length; i++)
        {
            wheel.Set(i, Start + delays[i] * 100L);
        }

        var wait = wheel.MillisecondsToNext(Start);
        return delays.Length == 0 ? wait == -1 : wait >= 0 && wait <= delays.Min() / 10 + 1;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void MillisecondsToNext_NothingSet_WaitsForEver()
    {
        using var wheel = new TimerWheel(1, Start);
        Assert.Equal(-1, wheel.MillisecondsToNext(Start));
        wheel.Set(0, Start + 5);
        wheel.Clear(0);
        Assert.Equal(-1, wheel.MillisecondsToNext(Start));
    }

    private static bool TakenMatch(TimerWheel wheel, Dictionary<int, long> model, long now)
    {
        int taken;
        while ((taken = wheel.TakeDue(now)) >= 0)
        {
            if (!model.Remove(taken, out var due) || due > now)
            {
                return false;
            }
        }

        return model.Values.All(due => due > now);
    }
}
