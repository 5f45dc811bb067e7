using DnsFlow.Caching;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Shards;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Shards;

/// <summary>Popular responses are asked for again before their time is over, within bounds.</summary>
public sealed class PrefetchTests
{
    [Fact]
    public void Hit_NearTheEndOfAPopularResponse_AsksOnceForAllWhoHit()
    {
        using var harness = Popular(1);
        harness.Elapse(TimeSpan.FromSeconds(95));
        for (var i = 0; i < 5; i++)
        {
            Hit(harness, "n0.example");
        }

        Assert.Equal(2, harness.Upstream.Received);
        Assert.Equal(1, harness.Cache.Statistics.Prefetches);
        Assert.Equal(0, harness.Shard.InFlight);
        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 100, "198.51.100.8"));
        harness.Run();
        Assert.Equal("198.51.100.8", Hit(harness, "n0.example"));
        Assert.Equal(harness.Received(), harness.Finished());
    }

    [Theory]
    [InlineData(0, 95)]     // not popular
    [InlineData(3, 80)]     // not near its end
    public void Hit_OfAnother_AsksNobody(int hits, int age)
    {
        using var harness = Popular(1, hits: hits);
        harness.Elapse(TimeSpan.FromSeconds(age));
        Hit(harness, "n0.example");
        Assert.Equal(1, harness.Upstream.Received);
        Assert.Equal(0, harness.Cache.Statistics.Prefetches);
    }

    [Fact]
    public void Hit_SwitchedOff_AsksNobody()
    {
        using var harness = Popular(1, new CacheOptions { MaxBytes = 1 << 20, Prefetch = false });
        harness.Elapse(TimeSpan.FromSeconds(95));
        Hit(harness, "n0.example");
        Assert.Equal(1, harness.Upstream.Received);
    }

    [Fact]
    public void Flood_OfPopularNames_StaysWithinItsPlacesAndCountsTheRest()
    {
        using var harness = Popular(100);
        harness.Elapse(TimeSpan.FromSeconds(95));
        for (var i = 0; i < 100; i++)
        {
            Hit(harness, $"n{i}.example");
        }

        Assert.Equal(256 / 16, harness.Upstream.Received - 100);
        Assert.Equal(256 / 16, harness.Cache.Statistics.Prefetches);
        Assert.Equal(100 - (256 / 16), harness.Cache.Statistics.PrefetchesRefused);
    }

    [Fact]
    public void Load_HalfOfAllPlacesAreTaken_AsksNothingAhead()
    {
        using var harness = Popular(1);
        harness.Elapse(TimeSpan.FromSeconds(95));
        for (var i = 0; i < 128; i++)
        {
            harness.Send(Wire.Query($"busy{i}.example"), client: 100 + i);
        }

        Hit(harness, "n0.example");
        Assert.Equal((0, 1), (harness.Cache.Statistics.Prefetches, harness.Cache.Statistics.PrefetchesRefused));
    }

    [Fact]
    public void Client_AsksWhileItIsUnderWay_JoinsAndGetsWhatIsStaleIfItComesToThat()
    {
        using var harness = Popular(1);
        harness.Exchange.OnAsk = static (_, _, _, _) => new TaskCompletionSource<UpstreamResult>().Task;
        harness.Elapse(TimeSpan.FromSeconds(99.5));
        Hit(harness, "n0.example");
        harness.Elapse(TimeSpan.FromSeconds(1));
        harness.Send(Wire.Query("n0.example"), client: 7);
        Assert.Null(harness.Response(7));
        harness.Elapse(TimeSpan.FromSeconds(1));
        Assert.Equal("198.51.100.7", Wire.FirstAddress(harness.Response(7)!));
        Assert.Equal(1, harness.Count(QueryOutcome.Stale));
        Assert.Equal(2, harness.Upstream.Received);
    }

    [Fact]
    public void RefreshLimit_ASecond_HasNoMoreThanItsRate()
    {
        var limit = new RefreshLimit(capacity: 1 << 16);
        var taken = 0;
        for (var i = 0; i < 1_000; i++)
        {
            if (limit.TryBegin(0, 0, i * MonotonicClock.Millisecond))
            {
                taken++;
                limit.End();
            }
        }

        Assert.Equal(RefreshLimit.Rate, taken);
        Assert.True(limit.TryBegin(0, 0, MonotonicClock.Second));
    }

    private static ShardHarness Popular(int names, CacheOptions? cache = null, int hits = 2)
    {
        var harness = new ShardHarness(cache: cache);
        for (var i = 0; i < names; i++)
        {
            harness.Send(Wire.Query($"n{i}.example"));
            var asked = harness.Upstream.Take();
            asked.Answer(Wire.Answer(asked.Query, 100, "198.51.100.7"));
            harness.Run();
            harness.Response();
            for (var hit = 0; hit < hits; hit++)
            {
                Hit(harness, $"n{i}.example");
            }
        }

        return harness;
    }

    private static string? Hit(ShardHarness harness, string name)
    {
        harness.Send(Wire.Query(name, RecordType.A), client: 1);
        return Wire.FirstAddress(harness.Response(1)!);
    }
}
