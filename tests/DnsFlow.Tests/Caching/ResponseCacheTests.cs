using DnsFlow.Caching;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Telemetry;
using DnsFlow.Tests.Queries;

namespace DnsFlow.Tests.Caching;

public class ResponseCacheTests
{
    [Fact]
    public void TryAnswer_Stored_AnswersInTheAskersLetterCase()
    {
        using var cache = new CacheHarness();
        cache.Store(new Question("www.Example"), 7);

        var answer = cache.Ask(new Question("WWW.eXAMPLE"));

        Assert.Equal(["WWW.eXAMPLE. A 300 00000007", ". OPT 0 "], ResponseBuilder.Read(answer.Response));
        Assert.Equal([0x42, 0x42], answer.Response![..2]);
        Assert.Equal(QueryOutcome.Cached, answer.Outcome);
        Assert.Equal(ResponseCode.NoError, answer.Code);
    }

    [Fact]
    public void TryAnswer_NothingStored_IsAMiss()
    {
        using var cache = new CacheHarness();

        Assert.False(cache.Ask(new Question("www.example")).IsHit);
        Assert.Equal(1, cache.Statistics.Misses);
    }

    [Fact]
    public void TryAnswer_TimePasses_TtlFallsAndTheEntryEnds()
    {
        using var cache = new CacheHarness();
        cache.Store(new Question("www.example"), 7, ttl: 10);

        cache.Elapse(9.8);
        Assert.Equal(1u, cache.Ask(new Question("www.example")).Ttl);
        cache.Elapse(0.2);
        Assert.False(cache.Ask(new Question("www.example")).IsHit);
    }

    [Fact]
    public void Store_Again_ReplacesTheEntry()
    {
        using var cache = new CacheHarness();
        cache.Store(new Question("www.example"), 1);
        var bytes = cache.Statistics.Bytes;
        cache.Store(new Question("www.example"), 2);

        Assert.Equal(2u, cache.Ask(new Question("www.example")).Address);
        Assert.Equal(1, cache.Statistics.Entries);
        Assert.Equal(bytes, cache.Statistics.Bytes);
    }

    [Fact]
    public void TryAnswer_KeyDiffersInOneField_IsAMiss()
    {
        Question[] questions =
        [
            new("www.example"), new("xww.example"), new("example"), new("www.example", RecordType.TXT), new("www.example", Do: true),
            new("www.example", Cd: true), new("www.example", Do: true, Cd: true), new("www.example", Partition: 2),
            new("www.example", Class: RecordClass.CH), new("www.example", RecordType.TXT, Partition: 2),
        ];
        for (var stored = 0; stored < questions.Length; stored++)
        {
            using var cache = new CacheHarness();
            cache.Store(questions[stored], 7);
            for (var asked = 0; asked < questions.Length; asked++)
            {
                Assert.Equal(asked == stored, cache.Ask(questions[asked]).IsHit);
            }
        }
    }

    [Fact]
    public void TryAnswer_OneClientsCookie_ReachesNobodyElse()
    {
        // A peer serves the COOKIE of the first asker to the next: neither it nor anything else of an OPT record is kept.
        using var cache = new CacheHarness();
        var upstream = new ResponseBuilder("www.example", RecordType.A).Address().Opt(0, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8);
        cache.Store(new Question("www.example"), upstream);

        Assert.Equal([". OPT 0 "], ResponseBuilder.Read(cache.Ask(new Question("www.example")).Response)[1..]);
        Assert.Single(ResponseBuilder.Read(cache.Ask(new Question("www.example", HasEdns: false)).Response));
    }

    [Fact]
    public void TryAnswer_TooLargeForTheAsker_IsTruncated()
    {
        using var cache = new CacheHarness();
        var upstream = new ResponseBuilder("www.example", RecordType.TXT);
        for (var i = 0; i < 10; i++)
        {
            upstream.Add(0, "", RecordType.TXT, 60, [200, .. new byte[200]]);
        }

        cache.Store(new Question("www.example", RecordType.TXT), upstream);

        var overUdp = cache.Ask(new Question("www.example", RecordType.TXT)).Response!;
        var overTcp = cache.Ask(new Question("www.example", RecordType.TXT, Transport: FlowTransport.Tcp)).Response!;
        Assert.True((overUdp[2] & 2) != 0);
        Assert.True((overTcp[2] & 2) == 0);
        Assert.Equal(11, ResponseBuilder.Read(overTcp).Count);
    }

    [Fact]
    public void Store_ResponseToAnotherQuestion_IsRefused()
    {
        using var cache = new CacheHarness();
        cache.Store(new Question("www.example"), new ResponseBuilder("www.evil", RecordType.A).Address());

        Assert.Equal(0, cache.Statistics.Entries);
        Assert.Equal(1, cache.Statistics.Refused);
    }

    [Fact]
    public void Store_LargerThanAnEntry_IsRefusedAndCounted()
    {
        using var cache = new CacheHarness(64 << 20);
        cache.Store(new Question("www.example", RecordType.TXT), 1, padding: 65_000);
        Assert.Equal(1, cache.Statistics.Entries);
        cache.Store(new Question("large.example", RecordType.TXT), 1, padding: 65_440);

        Assert.Equal(1, cache.Statistics.Entries);
        Assert.Equal(1, cache.Statistics.Refused);
    }

    [Fact]
    public void StoreFailure_AskedAgain_IsServFailWithCachedError()
    {
        using var cache = new CacheHarness();
        cache.Fail(new Question("www.example"));

        var answer = cache.Ask(new Question("Www.example"));

        Assert.Equal(QueryOutcome.Failed, answer.Outcome);
        Assert.Equal(ResponseCode.ServFail, answer.Code);
        Assert.Equal([". OPT 0 000F0002000D"], ResponseBuilder.Read(answer.Response));
        Assert.Equal(2, answer.Response![3] & 15);
        Assert.False(cache.Ask(new Question("www.example", Partition: 2)).IsHit);
    }

    [Fact]
    public void StoreFailure_ValidationFailed_KeepsItsReason()
    {
        using var cache = new CacheHarness();
        cache.Fail(new Question("www.example"), error: ExtendedErrorCode.DnssecBogus);

        Assert.Equal([". OPT 0 000F00020006"], ResponseBuilder.Read(cache.Ask(new Question("www.example")).Response));
    }

    [Fact]
    public void StoreFailure_KeepsFailing_BacksOffUpToFiveSeconds()
    {
        using var cache = new CacheHarness();
        foreach (var seconds in (double[])[1, 2, 4, 5, 5])
        {
            cache.Fail(new Question("www.example"));
            cache.Elapse(seconds - 0.1);
            Assert.True(cache.Ask(new Question("www.example")).IsHit);
            cache.Fail(new Question("www.example"));    // a second one that failed at the same time changes nothing
            cache.Elapse(0.2);
            Assert.False(cache.Ask(new Question("www.example")).IsHit);
        }

        cache.Elapse(10);
        cache.Fail(new Question("www.example"));
        cache.Elapse(1.1);
        Assert.False(cache.Ask(new Question("www.example")).IsHit);
    }

    [Fact]
    public void Store_AfterAFailure_ForgetsTheFailure()
    {
        using var cache = new CacheHarness();
        cache.Fail(new Question("www.example"));
        cache.Elapse(1.1);
        cache.Fail(new Question("www.example"));
        cache.Store(new Question("www.example"), 7, ttl: 1);

        Assert.Equal(QueryOutcome.Cached, cache.Ask(new Question("www.example")).Outcome);
        cache.Elapse(1.1);
        Assert.False(cache.Ask(new Question("www.example")).IsHit);
        cache.Fail(new Question("www.example"));
        cache.Elapse(1.1);
        Assert.False(cache.Ask(new Question("www.example")).IsHit);
    }

    [Fact]
    public void TryAnswer_InAnotherSegment_IsFound()
    {
        using var cache = new CacheHarness(segments: 3);
        cache.Store(new Question("www.example"), 7, segment: 1);

        Assert.True(cache.Ask(new Question("www.example"), segment: 2).IsHit);
        Assert.True(cache.Ask(new Question("www.example"), segment: -1).IsHit);
        cache.Store(new Question("www.example"), 8, segment: 2);
        Assert.Equal(8u, cache.Ask(new Question("www.example"), segment: 2).Address);
        Assert.Equal(3, cache.Statistics.Hits);
    }

    [Fact]
    public void Flush_EverythingIsForgottenAtOnce()
    {
        using var cache = new CacheHarness(segments: 2);
        cache.Store(new Question("a.example"), 1);
        cache.Store(new Question("b.example"), 2, segment: 1);
        cache.Fail(new Question("c.example"));

        cache.Cache.Flush();

        Assert.False(cache.Ask(new Question("a.example")).IsHit);
        Assert.False(cache.Ask(new Question("b.example")).IsHit);
        Assert.False(cache.Ask(new Question("c.example")).IsHit);
        cache.Store(new Question("d.example"), 4);
        Assert.True(cache.Ask(new Question("d.example")).IsHit);
        Assert.False(cache.Ask(new Question("a.example")).IsHit);
        Assert.Equal(2, cache.Statistics.Entries);      // d, and b, whose owner has not stored since
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4_000)]
    public void Store_NoMemory_IsNoCache(long bytes)
    {
        using var cache = new CacheHarness(bytes);
        cache.Store(new Question("a.example"), 1);
        cache.Fail(new Question("b.example"));

        Assert.False(cache.Cache.IsEnabled);
        Assert.False(cache.Ask(new Question("a.example")).IsHit);
        Assert.False(cache.Ask(new Question("b.example")).IsHit);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void Store_MaxEntries_IsNeverExceeded(int maxEntries)
    {
        using var cache = new CacheHarness(new CacheOptions { MaxEntries = maxEntries });
        for (var i = 0; i < 10 * maxEntries; i++)
        {
            cache.Store(new Question($"n{i}.example"), 1);
            cache.Ask(new Question("n0.example"));
            Assert.InRange(cache.Statistics.Entries, 1, maxEntries);
        }

        Assert.Equal(maxEntries, cache.Statistics.Entries);
        Assert.True(cache.Ask(new Question("n0.example")).IsHit);
        Assert.True(cache.Ask(new Question($"n{10 * maxEntries - 1}.example")).IsHit);
    }
}
