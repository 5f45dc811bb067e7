using DnsFlow.Caching;
using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using DnsFlow.Tests.Queries;

namespace DnsFlow.Tests.Caching;

public sealed class StaleCacheTests
{
    private static readonly Question Www = new("www.example");

    [Fact]
    public void TryRead_AfterItsTime_HasTheTtlAndTheErrorOfAStaleOne()
    {
        using var cache = new CacheHarness();
        cache.Store(Www, 7, ttl: 60);
        cache.Elapse(61);
        Assert.False(cache.Ask(Www).IsHit);
        Assert.True(Read(cache, out var record, out var error));
        Assert.EndsWith(" 30 00000007", record);
        Assert.Equal(ExtendedErrorCode.StaleAnswer, error);
    }

    [Fact]
    public void TryRead_InItsTime_LengthensNothing()
    {
        using var cache = new CacheHarness();
        cache.Store(Www, 7, ttl: 60);
        cache.Elapse(50);
        Assert.True(Read(cache, out var record, out var error));
        Assert.EndsWith(" 10 00000007", record);
        Assert.Equal(ExtendedErrorCode.None, error);
    }

    [Theory]
    [InlineData(86_399, true)]
    [InlineData(86_401, false)]
    public void TryRead_ADayAfterItsTime_IsTheEnd(int seconds, bool isGiven)
    {
        using var cache = new CacheHarness();
        cache.Store(Www, 7, ttl: 60);
        cache.Elapse(60 + seconds);
        Assert.Equal(isGiven, Read(cache, out _, out _));
    }

    [Fact]
    public void TryRead_Off_GivesNothing()
    {
        using var cache = new CacheHarness(new CacheOptions { MaxBytes = 1 << 20, Stale = { Mode = StaleMode.Off } });
        cache.Store(Www, 7, ttl: 60);
        cache.Elapse(61);
        Assert.False(Read(cache, out _, out _));
    }

    [Fact]
    public void TryRead_TwoShardsHoldOne_TheNewerCounts()
    {
        using var cache = new CacheHarness(segments: 2);
        cache.Store(Www, 7, ttl: 60, segment: 1);
        cache.Elapse(61);
        cache.Store(Www, 8, ttl: 60, segment: 0);
        cache.Elapse(61);
        Assert.True(Read(cache, out var record, out _));
        Assert.EndsWith("00000008", record);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Store_NewerWithoutALifetime_EndsWhatWasThere(int segment)
    {
        using var cache = new CacheHarness(segments: 2);
        cache.Store(Www, 7, ttl: 60, segment: 0);
        cache.Elapse(61);
        cache.Store(Www, new ResponseBuilder(Www.Name, Www.Type, 0x8183), segment);      // NXDOMAIN without SOA: RFC 2308 section 5 forbids to cache it
        Assert.False(Read(cache, out _, out _));
        Assert.False(cache.Ask(Www).IsHit);
    }

    [Fact]
    public void Store_WithoutALifetimeAndNothingThere_IsNotKept()
    {
        using var cache = new CacheHarness();
        cache.Store(Www, 7, ttl: 0);
        Assert.Equal(0, cache.Statistics.Entries);
    }

    [Fact]
    public void Ask_FailedJustNow_GivesWhatIsStaleUntilItMayBeAskedAgain()
    {
        using var cache = new CacheHarness();
        cache.Store(Www, 7, ttl: 60);
        cache.Elapse(61);
        cache.Cache.StoreFailure(0, cache.Key(Www), ResponseCode.ServFail, ExtendedErrorCode.NetworkError, cache.Now, hasStale: true);
        cache.Elapse(29);
        var answer = cache.Ask(Www);
        Assert.Equal((QueryOutcome.Stale, 7u, 30u), (answer.Outcome, answer.Address, answer.Ttl));
        cache.Elapse(2);
        Assert.False(cache.Ask(Www).IsHit);
        Assert.False(cache.Cache.HasFailed(cache.Key(Www), cache.Now));
    }

    [Fact]
    public void Ask_FailedAndTooLargeForTheClient_IsCutAndNotSpoilt()
    {
        using var cache = new CacheHarness();
        cache.Store(Www, 7, ttl: 60, padding: 1_300);
        cache.Elapse(61);
        cache.Cache.StoreFailure(0, cache.Key(Www), ResponseCode.ServFail, ExtendedErrorCode.NetworkError, cache.Now, hasStale: true);
        var response = cache.Ask(Www).Response!;
        Assert.True(DnsMessageReader.TryRead(response, out var message));
        Assert.True(message.IsTruncated);
        Assert.True(ExtendedError.TryRead(message.Edns!.Find(EdnsOptionCode.ExtendedError)!, out var error));
        Assert.Equal(ExtendedErrorCode.StaleAnswer, error.Code);
    }

    [Fact]
    public void Junk_ThreeTimesTheCache_LeavesWhatWasInUseAndIsStaleByNow()
    {
        using var cache = new CacheHarness(256 << 10);
        for (var i = 0; i < 100; i++)
        {
            cache.Store(new Question($"used{i}.example"), (uint)i, ttl: 60);
            cache.Ask(new Question($"used{i}.example"));
        }

        cache.Elapse(100);
        for (var i = 0; i < 5_000; i++)
        {
            cache.Store(new Question($"junk{i}.example"), 1, ttl: 60);
        }

        Assert.InRange(Enumerable.Range(0, 100).Count(i => Read(cache, out _, out _, new Question($"used{i}.example"))), 90, 100);
    }

    private static bool Read(CacheHarness cache, out string record, out ExtendedErrorCode error, Question? question = null)
    {
        var isFound = new StaleReader(cache.Cache).TryRead(cache.Key(question ?? Www), cache.Now, out var response);
        record = isFound && response.TtlOffsets.Length > 0 ? ResponseBuilder.Read(response.Message.ToArray())[0] : "";
        error = response.Error;
        return isFound;
    }
}
