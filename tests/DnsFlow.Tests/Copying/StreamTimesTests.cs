using DnsFlow.Copying;
using DnsFlow.Limits;

namespace DnsFlow.Tests.Copying;

public class StreamTimesTests
{
    private const long Begin = 100 * MonotonicClock.Second;

    [Fact]
    public void IsLate_MessageInPieces_TwoSecondsAfterItsFirst()
    {
        var times = new StreamTimes(Begin);
        times.Partial(isPartial: true, Begin);
        times.Partial(isPartial: true, Begin + MonotonicClock.Second);
        Assert.False(times.IsLate(Begin + (2 * MonotonicClock.Second)));
        Assert.True(times.IsLate(Begin + (2 * MonotonicClock.Second) + 1));
        times.Partial(isPartial: false, Begin + (2 * MonotonicClock.Second));
        Assert.False(times.IsLate(long.MaxValue));
    }

    [Fact]
    public void IsEndLate_HalfClosed_AfterFiveSeconds()
    {
        var times = new StreamTimes(Begin);
        Assert.False(times.IsEndLate(long.MaxValue));
        times.HalfClosed(Begin);
        Assert.False(times.IsEndLate(Begin + (5 * MonotonicClock.Second)));
        Assert.True(times.IsEndLate(Begin + (5 * MonotonicClock.Second) + 1));
    }

    [Fact]
    public void IsOver_AfterFiveMinutesWhateverWasRead()
    {
        var times = new StreamTimes(Begin);
        times.Read(Begin + MonotonicClock.Second);
        Assert.Equal(Begin + MonotonicClock.Second, times.LastRead);
        Assert.False(times.IsOver(Begin + (300 * MonotonicClock.Second)));
        Assert.True(times.IsOver(Begin + (300 * MonotonicClock.Second) + 1));
    }
}
