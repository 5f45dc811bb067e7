using DnsFlow.Upstreams;
using FsCheck;
using FsCheck.Fluent;

namespace DnsFlow.Tests.Upstreams;

public class SlidingCountTests
{
    private const long Second = 1_000_000;

    [Fact]
    public void Sum_AnyEvents_CountsTheLastTenSeconds()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll<ushort[]>(gaps =>
        {
            var count = new SlidingCount();
            var events = new List<long>();
            var now = 3_600 * Second;
            foreach (var gap in gaps)
            {
                now += gap * 100L;      // up to 6.5 s
                count.Add(now);
                events.Add(now / Second);
                if (count.Sum(now) != events.Count(second => now / Second - second < SlidingCount.Seconds))
                {
                    return false;
                }
            }

            return true;
        }));

    [Fact]
    public void Sum_AfterALongSilence_IsZero()
    {
        var count = new SlidingCount();
        count.Add(3_600 * Second);
        Assert.Equal(1, count.Sum(3_609 * Second));
        Assert.Equal(0, count.Sum(3_610 * Second));
    }

    [Fact]
    public async Task Add_ManyThreads_LosesNothing()
    {
        var count = new SlidingCount();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                count.Add((3_600 * Second) + (i * 200L));
            }
        })));
        Assert.Equal(80_000, count.Sum(3_604 * Second));
    }

    [Fact]
    public void Add_Always_AllocatesNothing()
    {
        var count = new SlidingCount();
        count.Add(Second);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            count.Add(i * 10_000L);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
