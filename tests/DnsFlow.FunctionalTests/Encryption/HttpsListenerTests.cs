using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Encryption;

/// <summary>DNS over HTTPS, by the framework's own client.</summary>
public sealed class HttpsListenerTests
{
    public static TheoryData<string> Versions => ["1.1", "2.0"];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task PostAndGet_Query_IsAnsweredWithItsFreshness(string version)
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var http = proxy.Http(Version.Parse(version));
        var query = Wire.Query("a.home.test", id: 0);
        foreach (var response in (HttpResponseMessage[])[await http.PostAsync("/dns-query", EncryptedProxy.Body(query)), await http.GetAsync("/dns-query?dns=" + Base64Url.EncodeToString(query))])
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("application/dns-message", response.Content.Headers.ContentType!.MediaType);
            Assert.Equal(TimeSpan.FromSeconds(300), response.Headers.CacheControl!.MaxAge);
            Assert.Equal("192.0.2.7", Wire.FirstAddress(await response.Content.ReadAsByteArrayAsync()));
        }

        Assert.Equal(2, proxy.Stats.Queries.Total);
        http.Dispose();
        await EncryptedProxy.Eventually(() => proxy.Stats.Flows.Open == 0);
        Assert.Equal(1, proxy.Stats.Flows.ByTransport["https"]);
    }

    [Fact]
    public async Task Get_NoSuchName_IsFreshAsLongAsItsSoaSays()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var http = proxy.Http();
        var response = await http.GetAsync("/dns-query?dns=" + Base64Url.EncodeToString(Wire.Query("none.home.test", id: 0)));
        Assert.Equal(TimeSpan.FromSeconds(60), response.Headers.CacheControl!.MaxAge);
    }

    [Fact]
    public async Task Head_Query_HasTheHeadersAndNoBody()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var http = proxy.Http();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/dns-query?dns=" + Base64Url.EncodeToString(Wire.Query("a.home.test", id: 0))) { Version = HttpVersion.Version20 };
        var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Content.Headers.ContentLength > 12);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Forwarded_ManyAtOnce_AllAreAnswered()
    {
        await using var upstream = new FakeUpstream().Always(FakeReplies.Answer("192.0.2.9"));
        await using var proxy = await EncryptedProxy.StartAsync(settings: ProxyHarness.ForwardTo(upstream.Endpoint));
        using var http = proxy.Http();
        var responses = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => http.PostAsync("/dns-query", EncryptedProxy.Body(Wire.Query($"n{i}.example.com", id: 0)))));
        foreach (var response in responses)
        {
            Assert.Equal("192.0.2.9", Wire.FirstAddress(await response.Content.ReadAsByteArrayAsync()));
        }

        Assert.Equal(200, proxy.Stats.Queries.ByOutcome["forwarded"]);
        Assert.Equal(0, proxy.Stats.Queries.InFlight);
    }

    [Theory]
    [InlineData("GET", "/other?dns=AAAB", null, 0, 404)]
    [InlineData("GET", "/dns-query", null, 0, 400)]
    [InlineData("GET", "/dns-query?dns=AAAB", null, 0, 400)]
    [InlineData("GET", "/dns-query?dns=***", null, 0, 400)]
    [InlineData("POST", "/dns-query", "application/dns-message", 4_097, 413)]
    [InlineData("POST", "/dns-query", "application/dns-message", 3, 400)]
    [InlineData("POST", "/dns-query", "text/plain", 40, 415)]
    [InlineData("PUT", "/dns-query", "application/dns-message", 40, 405)]
    public async Task Request_DoesNotFit_GetsItsStatus(string method, string uri, string? type, int length, int status)
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var http = proxy.Http();
        using var request = new HttpRequestMessage(new HttpMethod(method), uri) { Version = HttpVersion.Version20 };
        if (type is not null)
        {
            request.Content = new ByteArrayContent(new byte[length]) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        }

        Assert.Equal(status, (int)(await http.SendAsync(request)).StatusCode);
        Assert.Equal(0, proxy.Stats.Queries.Total);
        Assert.Equal(HttpStatusCode.OK, (await http.PostAsync("/dns-query", EncryptedProxy.Body(Wire.Query("a.home.test")))).StatusCode);
    }

    [Fact]
    public async Task Request_UriTooLong_Is414()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var http = proxy.Http();
        Assert.Equal(HttpStatusCode.RequestUriTooLong, (await http.GetAsync("/dns-query?dns=" + new string('A', 8_300))).StatusCode);
    }

    [Fact]
    public async Task Headers_Bomb_OnlyThatConnectionSuffers()
    {
        await using var proxy = await EncryptedProxy.StartAsync();
        using var http = proxy.Http();
        using var bomb = new HttpRequestMessage(HttpMethod.Get, "/dns-query?dns=AAAB") { Version = HttpVersion.Version20 };
        for (var i = 0; i < 70; i++)
        {
            bomb.Headers.Add($"x-{i}", new string('x', 300));
        }

        using var answer = await Record.ExceptionAsync(() => http.SendAsync(bomb)) is null ? await http.GetAsync("/dns-query") : null;
        using var other = proxy.Http();
        Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/dns-query", EncryptedProxy.Body(Wire.Query("a.home.test")))).StatusCode);
        Assert.Equal(1, proxy.Stats.Queries.Total);
    }

    [Fact]
    public async Task Discard_HttpsFlow_IsClosedBeforeTheHandshake()
    {
        await using var proxy = await EncryptedProxy.StartAsync(settings: """ "FlowRules": [{ "Name": "none", "When": { "Transport": "https" }, "Verdict": "discard" }, { "Name": "all", "Verdict": "claim" }] """);
        using var http = proxy.Http();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/dns-query"));
        await EncryptedProxy.Eventually(() => proxy.Stats.Flows.ByVerdict["discard"] >= 1 && proxy.Stats.Flows.Open == 0);
    }
}
