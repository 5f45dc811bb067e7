using System.Net;
using DnsFlow.Flows;
using DnsFlow.Protocol;
using DnsFlow.Queries;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Queries;

/// <summary>RFC 9018: the test vectors of appendix A, and what the sections before it ask.</summary>
public class ServerCookiesTests
{
    private const string Secret = "e5e973e5a6b2a43f48e7dc849e37bfcf";
    private const string OldSecret = "dd3bdf9344b678b185a6f5cb60fca715", NewSecret = "445536bcd2513298075a5d379663c962";

    [Theory]
    [InlineData("A.1", "198.51.100.100", 0x5CF79F11, "2464c4abcf10c957", "2464c4abcf10c957010000005cf79f111f8130c3eee29480", false)]
    [InlineData("A.2", "198.51.100.100", 0x5CF7A871, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", "2464c4abcf10c957010000005cf7a871d4a564a1442aca77", true)]
    [InlineData("A.3", "203.0.113.203", 0x5CF7A9AC, "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e", false)]
    public void Rfc9018_Vector(string appendix, string client, uint time, string query, string response, bool isProved)
        => Assert.Equal((appendix, response, isProved), (appendix, Exchange(client, time, query, out var proved, Secret), proved));

    [Fact]
    public void Rfc9018_A4_SecretIsRolledOver()
    {
        const string Query = "22681ab97d52c298010000005cf7c57926556bd0934c72f8", Client = "2001:db8:220:1:59de:d0f4:8769:82b8";
        Assert.Equal("22681ab97d52c298010000005cf7c609a6bb79d16625507a", Exchange(Client, 0x5CF7C609, Query, out var proved, NewSecret, OldSecret));
        Assert.True(proved);
        Exchange(Client, 0x5CF7C609, Query, out proved, NewSecret);
        Assert.False(proved);
    }

    [Theory]
    [InlineData(1_799, true, true)]
    [InlineData(1_801, true, false)]
    [InlineData(3_600, true, false)]
    [InlineData(3_601, false, false)]
    [InlineData(-300, true, true)]
    [InlineData(-301, false, false)]
    public void Rfc9018_Section4_3_AgeOfACookie(int age, bool isProved, bool isKept)
    {
        const string Query = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";
        var response = Exchange("198.51.100.100", (uint)(0x5CF79F11 + age), Query, out var proved, Secret);
        Assert.Equal((isProved, isKept), (proved, response == Query));
    }

    [Theory]
    [InlineData("198.51.100.101", "2464c4abcf10c957010000005cf79f111f8130c3eee29480")]      // another address
    [InlineData("198.51.100.100", "2464c4abcf10c958010000005cf79f111f8130c3eee29480")]      // another client
    [InlineData("198.51.100.100", "2464c4abcf10c957020000005cf79f111f8130c3eee29480")]      // another version
    [InlineData("198.51.100.100", "2464c4abcf10c957010000005cf79f121f8130c3eee29480")]      // another time
    [InlineData("198.51.100.100", "2464c4abcf10c957010000005cf79f111f8130c3eee29481")]      // another hash
    [InlineData("198.51.100.100", "2464c4abcf10c957010000005cf79f111f8130c3eee294800000")]  // another length
    public void Read_AnythingDiffers_ProvesNothing(string client, string cookie)
    {
        Exchange(client, 0x5CF79F20, cookie, out var proved, Secret);
        Assert.False(proved);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(41)]
    public void Rfc7873_Section5_2_2_WrongLength_IsMalformed(int length)
        => Assert.Equal(CookieState.Malformed, Read(new byte[length], "192.0.2.1", New(0x5CF79F11, Secret)).State);

    [Fact]
    public void Secrets_OfOurOwn_ChangeEachDayAndYesterdaysStillCounts()
    {
        var secrets = CookieSecrets.Random();
        var today = secrets.At(86_400 * 20_000).ToArray();
        var tomorrow = secrets.At(86_400 * 20_001).ToArray();
        Assert.Equal(today[0], tomorrow[1]);
        Assert.NotEqual(today[0], tomorrow[0]);
        Assert.Equal(today, secrets.At((86_400 * 20_000) + 86_399).ToArray());
    }

    [Theory]
    [InlineData("", "it has no secret")]
    [InlineData("# none\n\n", "it has no secret")]
    [InlineData("e5e973e5a6b2a43f48e7dc849e37bfcf\ne5e973", "line 2 is not a secret of 32 hexadecimal digits")]
    public void Parse_WrongFile_SaysWhere(string text, string problem)
    {
        Assert.Null(CookieSecrets.Parse(text, out var found));
        Assert.Equal(problem, found);
    }

    [Fact]
    public void Parse_File_HasTheSecretsInOrder()
    {
        var secrets = CookieSecrets.Parse($"# made by openssl rand -hex 16\n{NewSecret}  # since June\r\n{OldSecret}\n", out _)!;
        Assert.Equal([NewSecret, OldSecret], secrets.Select(Convert.ToHexStringLower));
    }

    [Fact]
    public void Append_NoRoomOrNoOpt_LeavesTheResponse()
    {
        var cookies = New(0x5CF79F11, Secret);
        var cookie = Read(new byte[8], "192.0.2.1", cookies);
        var response = new byte[512];
        Wire.Query("a.example", udpSize: 1232).CopyTo(response, 0);
        var length = Wire.Query("a.example", udpSize: 1232).Length;
        Assert.Equal(length, cookies.Append(cookie, default, response.AsSpan(0, length + 27), length));
        Assert.Equal(length + 28, cookies.Append(cookie, default, response.AsSpan(0, length + 28), length));
        var plain = Wire.Query("a.example");
        Assert.Equal(plain.Length, cookies.Append(cookie, default, [.. plain, .. new byte[100]], plain.Length));
    }

    private static ServerCookies New(uint time, params string[] secrets)
        => new(new CookieSecrets([.. secrets.Select(Convert.FromHexString)]), CookieDemand.OverLimit, new FixedTime(time));

    private static string Exchange(string client, uint time, string query, out bool isProved, params string[] secrets)
    {
        var cookies = New(time, secrets);
        var cookie = Read(Convert.FromHexString(query), client, cookies);
        isProved = cookie.State == CookieState.Proved;
        var response = new byte[512];
        var empty = Wire.Query("a.example", udpSize: 1232);
        empty.CopyTo(response, 0);
        var length = cookies.Append(cookie, FlowEndpoint.From(IPAddress.Parse(client), 53), response, empty.Length);
        Assert.True(DnsMessageReader.TryRead(response.AsSpan(0, length), out var message));
        return Convert.ToHexStringLower(message.Edns!.Find(EdnsOptionCode.Cookie)!.Data.Span);
    }

    private static QueryCookie Read(byte[] cookie, string client, ServerCookies cookies)
    {
        byte[] query = [.. Wire.Query("a.example", udpSize: 1232)[..^2], 0, (byte)(cookie.Length + 4), 0, 10, 0, (byte)cookie.Length, .. cookie];
        Assert.Equal(QueryStatus.Ok, QueryView.TryParse(query, out var view));
        return cookies.Read(query, view, FlowEndpoint.From(IPAddress.Parse(client), 5353));
    }

    private sealed class FixedTime(uint seconds) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(seconds);
    }
}
