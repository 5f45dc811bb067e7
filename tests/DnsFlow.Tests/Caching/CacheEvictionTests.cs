using DnsFlow.Caching;

namespace DnsFlow.Tests.Caching;

public class CacheEvictionTests
{
    [Theory]
    [InlineData(256 << 10, 0)]
    [InlineData(512 << 10, 0)]
    [InlineData(1 << 20, 1_000)]
    public void Store_SixTimesTheCacheInJunk_NamesInUseSurvive(int bytes, int maxEntries)
    {
        using var cache = new CacheHarness(new CacheOptions { MaxBytes = bytes, MaxEntries = maxEntries });
        var junk = 6 * (maxEntries > 0 ? maxEntries : bytes / 160);
        for (var i = 0; i < 100; i++)
        {
            cache.Store(new Question($"used{i}.example"), (uint)i, ttl: 3_600);
            cache.Ask(new Question($"used{i}.example"));
        }

        for (var i = 0; i < junk; i++)
        {
            cache.Store(new Question($"junk{i}.example"), 1, ttl: 3_600);
            if (i % 20 == 0)
            {
                cache.Ask(new Question($"used{i / 20 % 100}.example"));
            }
        }

        var survivors = Enumerable.Range(0, 100).Count(i => cache.Ask(new Question($"used{i}.example")).IsHit);
        Assert.InRange(survivors, 90, 100);
        Assert.True(cache.Statistics.Evictions > junk / 2);
    }

    [Fact]
    public void Store_NamesAskedOnce_FillTheWholeCacheFirst()
    {
        using var cache = new CacheHarness(1 << 20);
        for (var i = 0; i < 3_000; i++)
        {
            cache.Store(new Question($"n{i}.example"), (uint)i);
        }

        Assert.Equal(0, cache.Statistics.Evictions);
        Assert.All(Enumerable.Range(0, 3_000), i => Assert.True(cache.Ask(new Question($"n{i}.example")).IsHit));
    }

    [Fact]
    public void Store_CacheFullOfExpiredEntries_GivesTheirRoomAway()
    {
        using var cache = new CacheHarness(128 << 10);
        for (var i = 0; i < 2_000; i++)
        {
            cache.Store(new Question($"old{i}.example"), 1, ttl: 5);
        }

        cache.Elapse(10);
        for (var i = 0; i < 400; i++)
        {
            cache.Store(new Question($"new{i}.example"), 1);
        }

        Assert.Equal(400, Enumerable.Range(0, 400).Count(i => cache.Ask(new Question($"new{i}.example")).IsHit));
    }

    [Fact]
    public void Store_EvictedNameAskedAgain_GoesToTheMainRing()
    {
        using var cache = new CacheHarness(64 << 10);
        void Junk(string name, int count)
        {
            for (var i = 0; i < count; i++)
            {
                cache.Store(new Question($"{name}{i}.example"), 1);
            }
        }

        Junk("fill", 2_000);
        cache.Store(new Question("back.example"), 1);
        Junk("between", 60);
        Assert.False(cache.Ask(new Question("back.example")).IsHit);
        cache.Store(new Question("back.example"), 2);
        Junk("after", 200);

        Assert.True(cache.Ask(new Question("back.example")).IsHit);
    }

    [Fact]
    public void Store_NegativeFlood_HoldsAQuarterAtMost()
    {
        using var cache = new CacheHarness(256 << 10);
        for (var i = 0; i < 300; i++)
        {
            cache.Store(new Question($"good{i}.example"), 1, ttl: 3_600);
        }

        for (var i = 0; i < 10_000; i++)
        {
            cache.StoreNegative(new Question($"no{i}.example"));
            cache.Ask(new Question($"no{i}.example"));     // even asked twice, they stay within their share
            Assert.InRange(cache.Statistics.NegativeBytes, 0, (256 << 10) / 4);
        }

        Assert.True(cache.Statistics.NegativeBytes > (256 << 10) / 8);
        Assert.Equal(300, Enumerable.Range(0, 300).Count(i => cache.Ask(new Question($"good{i}.example")).IsHit));
    }

    [Theory]
    [InlineData(8 << 10)]
    [InlineData(100_000)]
    [InlineData(8 << 20)]
    public void Store_AnyLoad_StaysWithinTheBytes(int bytes)
    {
        using var cache = new CacheHarness(bytes);
        var random = new Random(5);
        for (var i = 0; i < 5_000; i++)
        {
            cache.Store(new Question($"n{random.Next(2_000)}.example"), 1, padding: random.Next(900));
            cache.Ask(new Question($"n{random.Next(2_000)}.example"));
            var statistics = cache.Statistics;
            Assert.InRange(statistics.CapacityBytes, 1, bytes);
            Assert.InRange(statistics.Bytes, 0, bytes);
        }
    }
}
