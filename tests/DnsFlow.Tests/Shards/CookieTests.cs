using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.Shards;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;
using DnsFlow.Transports.Memory;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Shards;

/// <summary>DNS cookies on both sides of a shard, and random letter case (RFC 7873, draft-vixie-dnsext-dns0x20).</summary>
public sealed class CookieTests
{
    private const string Name = "www.example";
    private static readonly byte[] s_client = [1, 2, 3, 4, 5, 6, 7, 8];

    [Fact]
    public void Client_WithACookie_GetsOursOnForwardedCachedAndEmptyAnswers()
    {
        using var harness = New(CookieDemand.Never);
        harness.Send(Query(s_client));
        var asked = harness.Upstream.Take();
        Assert.Null(CookieOf(asked.Query));       // what a client sends never goes on
        asked.Answer(Wire.Answer(asked.Query, 300, "198.51.100.7"));
        harness.Run();
        var forwarded = CookieOf(harness.Response()!)!;
        harness.Send(Query(forwarded));
        var cached = CookieOf(harness.Response()!)!;
        Assert.Equal(24, forwarded.Length);
        Assert.Equal(s_client, forwarded[..8]);
        Assert.Equal(forwarded, cached);
        Assert.Equal(1, harness.Count(QueryOutcome.Cached));
    }

    [Fact]
    public void Client_WithoutACookie_GetsNone()
    {
        using var harness = New(CookieDemand.Never);
        harness.Send(Wire.Query(Name, udpSize: 1232));
        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 300, "198.51.100.7"));
        harness.Run();
        Assert.Null(CookieOf(harness.Response()!));
    }

    [Fact]
    public void Client_WithAMalformedCookie_GetsFormErr()
    {
        using var harness = New(CookieDemand.Never);
        harness.Send(Query([1, 2, 3]));
        Assert.Equal(ResponseCode.FormErr, Wire.Header(harness.Response()!).ResponseCode);
    }

    [Fact]
    public void Answer_WithCookie_StaysWithinTheClientsSize()
    {
        using var harness = New(CookieDemand.Never);
        harness.Send(Query(s_client, udpSize: 512));
        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 300, [.. Enumerable.Range(1, 28).Select(i => $"198.51.100.{i}")]));      // 29 + 28 * 16 = 477 octets, 488 with OPT
        harness.Run();
        var response = harness.Response()!;
        Assert.True(response.Length <= 512);
        Assert.True(Wire.Header(response).IsTruncated);
        Assert.NotNull(CookieOf(response));
    }

    [Fact]
    public void OverLimit_GoodCookie_MayAskTenTimesAsMuch()
    {
        using var harness = New(CookieDemand.OverLimit, rate: 1);
        harness.Send(Query(s_client));
        var cookie = CookieOf(AnswerOne(harness))!;
        Drain(harness);
        Assert.Equal((0, 0), Ask(harness, Wire.Query(Name, udpSize: 1232), 4));
        harness.Elapse(TimeSpan.FromSeconds(0.95));
        Assert.Equal((9, 0), Ask(harness, Query(cookie), 9));
    }

    [Fact]
    public void OverLimit_BadCookie_IsToldTheOneItNeeds()
    {
        using var harness = New(CookieDemand.OverLimit, rate: 1);
        harness.Send(Query(s_client));
        AnswerOne(harness);
        Drain(harness);
        harness.Send(Query(s_client));
        harness.Send(Query(s_client));
        byte[]? refused = null;
        while (harness.Response() is { } response)
        {
            refused = response;
        }

        Assert.True(DnsMessageReader.TryRead(refused!, out var message));
        Assert.Equal(ResponseCode.BadCookie, message.ResponseCode);
        harness.Elapse(TimeSpan.FromSeconds(0.5));
        harness.Send(Query(CookieOf(refused!)!));
        Assert.Equal("198.51.100.7", Wire.FirstAddress(harness.Response()!));
    }

    [Fact]
    public void LargeAnswers_BadCookie_GetsBadCookieAndThenTheAnswer()
    {
        using var harness = New(CookieDemand.LargeAnswers);
        string[] addresses = [.. Enumerable.Range(1, 40).Select(i => $"198.51.100.{i}")];
        harness.Send(Query(s_client));
        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 300, addresses));
        harness.Run();
        var first = harness.Response()!;
        Assert.True(DnsMessageReader.TryRead(first, out var message));
        Assert.Equal(ResponseCode.BadCookie, message.ResponseCode);
        Assert.Empty(message.Answer);
        harness.Send(Query(CookieOf(first)!));
        Assert.Equal(40, Wire.Header(harness.Response()!).AnswerCount);
    }

    [Fact]
    public void Upstream_Cookie_IsTheSameForAServerAndShownAgainWithTheServersPart()
    {
        using var harness = NewUpstream(new UpstreamGroupOptions { Cookies = true });
        var (first, cookie) = AskUpstream(harness, "a.example");
        Assert.Equal(8, cookie.Length);
        first.Answer(WithCookie(Wire.Answer(first.Query, 300, "198.51.100.7"), [.. cookie, .. new byte[16]]));
        harness.Run();
        Assert.NotNull(harness.Response());
        var (_, second) = AskUpstream(harness, "b.example");
        Assert.Equal([.. cookie, .. new byte[16]], second);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("short")]
    [InlineData("none")]
    public void Upstream_ReplyWithTheWrongCookie_IsDroppedAndTheWaitGoesOn(string kind)
    {
        using var harness = NewUpstream(new UpstreamGroupOptions { Cookies = true });
        var (first, cookie) = AskUpstream(harness, "a.example");
        first.Answer(WithCookie(Wire.Answer(first.Query, 300, "198.51.100.7"), [.. cookie, .. new byte[16]]));
        harness.Run();
        harness.Response();
        var (asked, shown) = AskUpstream(harness, "b.example");
        var right = Wire.Answer(asked.Query, 300, "198.51.100.8");
        var wrong = (byte[])shown.Clone();
        wrong[0] ^= 1;
        asked.Answer(kind switch { "other" => WithCookie(right, wrong), "short" => WithCookie(right, shown[..12]), _ => right });
        harness.Run();
        Assert.Null(harness.Response());
        Assert.Equal(1, harness.Counters.IgnoredCount(IgnoredReason.MismatchedReply));
        asked.Answer(WithCookie(right, shown));
        harness.Run();
        Assert.Equal("198.51.100.8", Wire.FirstAddress(harness.Response()!));
    }

    [Fact]
    public void Upstream_KnowsNoCookies_IsBelievedWithout()
    {
        using var harness = NewUpstream(new UpstreamGroupOptions { Cookies = true });
        var (asked, _) = AskUpstream(harness, "a.example");
        asked.Answer(Wire.Answer(asked.Query, 300, "198.51.100.7"));
        harness.Run();
        Assert.NotNull(harness.Response());
    }

    [Fact]
    public async Task Upstream_BadCookie_IsAskedOverTcp()
    {
        using var harness = NewUpstream(new UpstreamGroupOptions { Cookies = true });
        var streams = 0;
        harness.Exchange.OnAsk = (server, overStream, query, _) =>
        {
            streams += overStream ? 1 : 0;
            return Task.FromResult(new UpstreamResult(Wire.Answer(query, 60, "198.51.100.9"), UpstreamError.None, server));
        };
        var (asked, cookie) = AskUpstream(harness, "a.example");
        QueryView.TryParse(asked.Query, out var view);
        var reply = new byte[512];
        var length = DnsResponses.WriteEmpty(asked.Query, view, ResponseCode.BadCookie, reply);
        asked.Answer(WithCookie(reply[..length], [.. cookie, .. new byte[8]]));
        byte[]? response = null;
        await TestWait.Until(() =>
        {
            harness.Run();
            return (response = harness.Response()) is not null;
        });
        Assert.Equal("198.51.100.9", Wire.FirstAddress(response!));
        Assert.Equal(1, streams);
    }

    [Fact]
    public void RandomCase_Upstream_IsAskedInItAndTheClientKeepsItsOwn()
    {
        using var harness = NewUpstream(new UpstreamGroupOptions { RandomCase = true });
        var spellings = new HashSet<string>();
        for (var i = 0; i < 8; i++)
        {
            harness.Send(Wire.Query($"Some-Longer-Name{i}.example"));
            var asked = harness.Upstream.Take();
            spellings.Add(System.Text.Encoding.ASCII.GetString(asked.Query, 13, 15));
            asked.Answer(Wire.Answer(asked.Query, 300, "198.51.100.7"));
            harness.Run();
            Assert.Equal(Wire.Name($"Some-Longer-Name{i}.example"), harness.Response()![12..^20]);
        }

        Assert.True(spellings.Count > 6, "the case repeats");
        Assert.All(spellings, spelling => Assert.Equal("some-longer-nam", spelling, ignoreCase: true));
    }

    [Fact]
    public async Task RandomCase_ReplyInAnother_GoesOverTcpAndAServerThatNeverRepeatsItIsAskedWithout()
    {
        using var harness = NewUpstream(new UpstreamGroupOptions { RandomCase = true });
        harness.Exchange.OnAsk = static (server, overStream, query, _) => Task.FromResult(
            overStream ? new UpstreamResult(Wire.Answer(query, 60, "198.51.100.9"), UpstreamError.None, server) : new UpstreamResult(null, UpstreamError.Timeout, server));
        for (var i = 0; i < 3; i++)
        {
            harness.Send(Wire.Query($"some-longer-name{i}.example"));
            var asked = harness.Upstream.Take();
            asked.Answer(Wire.Answer(Wire.Query($"some-longer-name{i}.example", id: Wire.Header(asked.Query).Id), 300, "198.51.100.7"));
            byte[]? response = null;
            await TestWait.Until(() =>
            {
                harness.Run();
                return (response = harness.Response()) is not null;
            });
            Assert.Equal("198.51.100.9", Wire.FirstAddress(response!));
        }

        Assert.False(harness.Servers[0].EchoesCase);
        harness.Send(Wire.Query("some-longer-name9.example"));
        Assert.Equal(Wire.Name("some-longer-name9.example"), harness.Upstream.Take().Query[12..39]);
    }

    [Fact]
    public void CaseMask_SameSeed_IsTheSameAndTouchesLettersAlone()
    {
        var name = Wire.Name("a-1_z[`{.xn--bcher-kva.example");
        var (first, second) = ((byte[])name.Clone(), (byte[])name.Clone());
        CaseMask.Apply(first, 12345);
        CaseMask.Apply(second, 12345);
        Assert.Equal(first, second);
        Assert.True(WireName.EqualsIgnoreCase(name, first));
        CaseMask.Apply(second, 54321);
        Assert.NotEqual(first, second);
    }

    private static ShardHarness New(CookieDemand demand, double rate = 0)
    {
        var limits = new LimitOptions { Flows = 1024, InFlight = 256 };
        limits.PerClient.Rate = rate;
        limits.PerClient.Burst = 2;
        limits.PerClient.Exempt = [];
        return new ShardHarness(limits, cookies: demand);
    }

    private static ShardHarness NewUpstream(UpstreamGroupOptions options) => new(group: options);

    private static byte[] Query(byte[] cookie, int udpSize = 1232)
        => [.. Wire.Query(Name, udpSize: udpSize)[..^2], 0, (byte)(cookie.Length + 4), 0, 10, 0, (byte)cookie.Length, .. cookie];

    private static byte[] WithCookie(byte[] response, byte[] cookie)
    {
        byte[] whole = [.. response];
        if (whole[11] == 0)
        {
            whole[11] = 1;
            return [.. whole, 0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, (byte)(cookie.Length + 4), 0, 10, 0, (byte)cookie.Length, .. cookie];
        }

        return [.. whole[..^2], 0, (byte)(cookie.Length + 4), 0, 10, 0, (byte)cookie.Length, .. cookie];
    }

    private static byte[]? CookieOf(byte[] message)
        => DnsMessageReader.TryRead(message, out var read) && read.Edns?.Find(EdnsOptionCode.Cookie) is { } option ? option.Data.ToArray() : null;

    private static (MemoryDatagramExchange Asked, byte[] Cookie) AskUpstream(ShardHarness harness, string name)
    {
        harness.Send(Wire.Query(name, udpSize: 1232));
        var asked = harness.Upstream.Take();
        return (asked, CookieOf(asked.Query)!);
    }

    private static byte[] AnswerOne(ShardHarness harness)
    {
        var asked = harness.Upstream.Take();
        asked.Answer(Wire.Answer(asked.Query, 300, "198.51.100.7"));
        harness.Run();
        return harness.Response()!;
    }

    private static void Drain(ShardHarness harness)
    {
        for (var i = 0; i < 3; i++)
        {
            harness.Send(Wire.Query(Name, udpSize: 1232));
        }

        while (harness.Response() is not null)
        {
        }
    }

    private static (int Answered, int Cut) Ask(ShardHarness harness, byte[] query, int count)
    {
        for (var i = 0; i < count; i++)
        {
            harness.Send(query);
        }

        var (answered, cut) = (0, 0);
        while (harness.Response() is { } response)
        {
            answered += Wire.Header(response).AnswerCount > 0 ? 1 : 0;
        }

        return (answered, cut);
    }
}
