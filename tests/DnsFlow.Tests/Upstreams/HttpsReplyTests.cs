using System.Net;
using DnsFlow.Protocol;
using DnsFlow.TestKit;
using DnsFlow.Upstreams.Attempts;

namespace DnsFlow.Tests.Upstreams;

public class HttpsReplyTests
{
    [Theory]
    [InlineData(0, 300)]
    [InlineData(100, 200)]
    [InlineData(1_000, 0)]
    public void Age_IsTakenOffTheTtl(int age, uint left)
    {
        using var response = Response(HttpStatusCode.OK, "application/dns-message");
        response.Headers.Age = TimeSpan.FromSeconds(age);
        var message = Wire.Answer(Wire.Query("www.example"), 300, "192.0.2.1", "192.0.2.2");
        HttpsReply.Age(response, message);
        Assert.True(DnsMessageReader.TryRead(message, out var read));
        Assert.Equal([left, left], read.Answer.Select(record => record.TimeToLive));
    }

    [Theory]
    [InlineData(200, "application/dns-message", null)]
    [InlineData(200, "application/dns-json", "not application/dns-message")]
    [InlineData(302, "application/dns-message", "HTTP status 302")]
    [InlineData(204, "application/dns-message", "HTTP status 204")]
    public void Problem_OfAHead_IsNamed(int status, string type, string? problem)
    {
        using var response = Response((HttpStatusCode)status, type);
        Assert.Equal(problem is null, HttpsReply.Problem(response) is null);
        Assert.Contains(problem ?? "", HttpsReply.Problem(response) ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(1_000_000)]
    public async Task Read_ABodyOfAnyLength_StopsOneOctetBehindTheLongestMessage(int length)
    {
        using var content = new ByteArrayContent(new byte[length]);
        Assert.Equal(Math.Min(length, 65_536), await HttpsReply.ReadAsync(content, new byte[65_536], CancellationToken.None));
    }

    private static HttpResponseMessage Response(HttpStatusCode status, string type)
        => new(status) { Content = new ByteArrayContent([]) { Headers = { ContentType = new(type) } } };
}
