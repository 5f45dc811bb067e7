using System.Net;
using DnsFlow.Clients;
using DnsFlow.Policy;
using DnsFlow.Protocol;
using DnsFlow.Server.Explaining;
using DnsFlow.Server.Plans;
using DnsFlow.Service.Commands;
using DnsFlow.Telemetry;
using DnsFlow.TestKit;

namespace DnsFlow.Tests.Server;

/// <summary>Lists and rules that do not match for a while.</summary>
public sealed class PauseTests : IDisposable
{
    private const string Settings = """
        "ReloadOnChange": false,
        "Clients": { "children": { "Addresses": ["127.0.0.1", "192.168.1.40-192.168.1.49"] }, "others": { "Addresses": ["10.0.0.0/8"] } },
        "Lists": { "trackers": { "Sources": ["trackers.txt"] } },
        "QueryRules": [
          { "Name": "ads", "When": { "Domains": ["ads.example"] }, "Action": "block" },
          { "Name": "listed", "When": { "Lists": ["trackers"] }, "Action": "block" },
          { "Name": "rest", "Action": "answer", "Records": ["A 192.0.2.1"] }]
        """;

    private readonly ManualTimeProvider _time = new();
    private readonly string _list = Path.Combine(Directory.CreateTempSubdirectory("dnsflow-pause").FullName, "trackers.txt");
    private readonly string _settings;

    public PauseTests()
    {
        File.WriteAllText(_list, "0.0.0.0 tracker.example\n");
        _settings = Settings.Replace("trackers.txt", _list, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ads", "www.ads.example")]
    [InlineData("ADS", "www.ads.example")]
    [InlineData("trackers", "tracker.example")]
    [InlineData("listed", "tracker.example")]
    public async Task Pause_ListOrRule_DoesNotMatchUntilItsEnd(string name, string asked)
    {
        await using var proxy = await StartAsync();
        Assert.Equal(ResponseCode.NXDomain, await AskAsync(proxy, asked));
        Assert.Null(proxy.Server.Pause(name, null, TimeSpan.FromMinutes(10)));
        Assert.Equal(ResponseCode.NoError, await AskAsync(proxy, asked));
        _time.Advance(TimeSpan.FromSeconds(599));
        Assert.Equal(ResponseCode.NoError, await AskAsync(proxy, asked));
        Assert.Equal([new PauseStats(name, null, new DateTimeOffset(2026, 1, 1, 0, 10, 0, TimeSpan.Zero))], proxy.Stats.Pauses);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ResponseCode.NXDomain, await AskAsync(proxy, asked));
        Assert.Empty(proxy.Stats.Pauses);
    }

    [Fact]
    public async Task Pause_OfOneClient_IsForNobodyElse()
    {
        await using var proxy = await StartAsync();
        Assert.Null(proxy.Server.Pause("ads", Client("127.0.0.9"), TimeSpan.FromMinutes(10)));
        Assert.Equal(ResponseCode.NXDomain, await AskAsync(proxy, "ads.example"));
        Assert.Null(proxy.Server.Pause("ads", Client("127.0.0.1"), TimeSpan.FromMinutes(10)));
        Assert.Equal(ResponseCode.NoError, await AskAsync(proxy, "ads.example"));
        Assert.False(proxy.Server.EndPause("ads", null));
        Assert.True(proxy.Server.EndPause("ads", Client("127.0.0.1")));
        Assert.Equal(ResponseCode.NXDomain, await AskAsync(proxy, "ads.example"));
        Assert.Equal("127.0.0.9", Assert.Single(proxy.Server.Pauses).Client);
    }

    [Theory]
    [InlineData("children", ResponseCode.NoError, "children")]
    [InlineData("CHILDREN", ResponseCode.NoError, "CHILDREN")]
    [InlineData("others", ResponseCode.NXDomain, "others")]
    [InlineData("127.0.0.0/8", ResponseCode.NoError, "127.0.0.0/8")]
    [InlineData("127.0.0.0-127.0.0.255", ResponseCode.NoError, "127.0.0.0/24")]
    [InlineData("127.0.0.0-127.0.0.9", ResponseCode.NoError, "127.0.0.0-127.0.0.9")]
    [InlineData("127.0.0.1/32", ResponseCode.NoError, "127.0.0.1")]
    [InlineData("::/0", ResponseCode.NXDomain, "::/0")]
    public async Task Pause_OfASetOrNetwork_IsForItsClients(string clients, ResponseCode code, string shown)
    {
        await using var proxy = await StartAsync();
        Assert.Null(proxy.Server.Pause("ads", Client(clients), TimeSpan.FromMinutes(10)));
        Assert.Null(proxy.Server.Pause("trackers", Client(clients), TimeSpan.FromMinutes(10)));
        Assert.Equal(code, await AskAsync(proxy, "ads.example"));
        Assert.Equal(code, await AskAsync(proxy, "tracker.example"));
        Assert.Equal([shown, shown], proxy.Stats.Pauses.Select(static pause => pause.Client));
        Assert.Equal(code == ResponseCode.NoError, Explain(proxy, null).Contains("ads paused until", StringComparison.Ordinal));
        Assert.Equal(code == ResponseCode.NoError, Explain(proxy, null).Contains("paused list trackers until", StringComparison.Ordinal));
        Assert.True(proxy.Server.EndPause("ads", Client(clients.ToLowerInvariant())));
        Assert.Equal(ResponseCode.NXDomain, await AskAsync(proxy, "ads.example"));
    }

    [Fact]
    public async Task Pause_OfASetThatChanges_IsForWhoeverIsInItNow()
    {
        await using var proxy = await StartAsync();
        Assert.Null(proxy.Server.Pause("ads", Client("children"), TimeSpan.FromMinutes(10)));
        foreach (var (from, to, code) in new[]
        {
            ("127.0.0.1", "127.0.0.9", ResponseCode.NXDomain), ("10.0.0.0/8", "10.0.0.0/9", ResponseCode.NoError), ("children", "kids", ResponseCode.NXDomain), ("10.0.0.0/8", "10.0.0.0/10", ResponseCode.NoError),
        })
        {
            Assert.Empty((await ReloadAsync(proxy, from, to)).Errors);
            Assert.Equal(code, await AskAsync(proxy, "ads.example"));
            Assert.Equal("children", Assert.Single(proxy.Stats.Pauses).Client);
        }
    }

    [Fact]
    public async Task Pause_OfASetThatThereIsNot_IsRefused()
    {
        await using var proxy = await StartAsync();
        Assert.Equal(
            "'childen' is neither an address nor a network nor a set of clients; did you mean 'children'?", proxy.Server.Pause("ads", Client("childen"), TimeSpan.FromMinutes(1)));
        Assert.Empty(proxy.Server.Pauses);
    }

    [Fact]
    public async Task Pause_Reload_Stays()
    {
        await using var proxy = await StartAsync();
        proxy.Server.Pause("ads", null, TimeSpan.FromMinutes(10));
        Assert.Empty((await ReloadAsync(proxy, "192.0.2.1", "192.0.2.2")).Errors);
        Assert.Equal(ResponseCode.NoError, await AskAsync(proxy, "ads.example"));
        Assert.True(proxy.Server.EndPause("ads", null));
        Assert.Equal(ResponseCode.NXDomain, await AskAsync(proxy, "ads.example"));
    }

    [Theory]
    [InlineData("adds", "'adds' is neither a list nor a query rule nor an answer rule; did you mean 'ads'?")]
    [InlineData("rest", "'rest' is the last query rule, and one must match")]
    public async Task Pause_NameThatCannotBe_IsRefused(string name, string problem)
    {
        await using var proxy = await StartAsync();
        Assert.Equal(problem, proxy.Server.Pause(name, null, TimeSpan.FromMinutes(1)));
        Assert.Equal("a pause lasts 1 day at most", proxy.Server.Pause("ads", null, TimeSpan.FromDays(2)));
        Assert.Empty(proxy.Server.Pauses);
    }

    [Fact]
    public async Task Pause_TooMany_IsRefusedAndTheSameAgainIsNot()
    {
        await using var proxy = await StartAsync();
        for (var i = 0; i < PauseTable.MaxPauses; i++)
        {
            Assert.Null(proxy.Server.Pause("ads", Client($"10.0.{i >> 8}.{i & 255}"), TimeSpan.FromMinutes(1)));
        }

        Assert.Equal("there are 256 pauses already", proxy.Server.Pause("ads", null, TimeSpan.FromMinutes(1)));
        Assert.Null(proxy.Server.Pause("ads", Client("10.0.0.7"), TimeSpan.FromMinutes(2)));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(proxy.Server.Pause("ads", null, TimeSpan.FromMinutes(1)));
        Assert.Equal(2, proxy.Server.Pauses.Count);
    }

    [Fact]
    public async Task Explain_Paused_SaysUntilWhen()
    {
        await using var proxy = await StartAsync();
        proxy.Server.Pause("ads", null, TimeSpan.FromMinutes(10));
        proxy.Server.Pause("trackers", Client("127.0.0.1"), TimeSpan.FromMinutes(20));
        var text = Explain(proxy, null);
        Assert.Contains("tried  ads paused until 00:10:00 | listed Lists no\n", text, StringComparison.Ordinal);
        Assert.Contains("paused list trackers until 00:20:00\n", text, StringComparison.Ordinal);
        Assert.Contains("rule 'ads'  block", Explain(proxy, _time.GetUtcNow() + TimeSpan.FromMinutes(10)), StringComparison.Ordinal);
        Assert.Contains("rule 'ads'  block", Explain(proxy, _time.GetUtcNow() - TimeSpan.FromMinutes(1)), StringComparison.Ordinal);
    }

    private ValueTask<ReloadReport> ReloadAsync(ProxyHarness proxy, string from, string to) => proxy.ReloadAsync($$"""
        { "DnsFlow": { "Shards": 1, "Listeners": { "local": { "Endpoints": ["127.0.0.1:0"] } }, {{_settings.Replace(from, to, StringComparison.Ordinal)}} } }
        """);

    private static ClientReference Client(string text) => ClientReference.TryParse(text, out var reference, out _) ? reference : throw new FormatException(text);

    private static string Explain(ProxyHarness proxy, DateTimeOffset? at) => ExplainText.Format(
        proxy.Server.Explain(new ExplainQuestion { Name = DomainName.Parse("ads.example"), Client = IPAddress.Loopback, At = at })!, "a test").ReplaceLineEndings("\n");

    private static async Task<ResponseCode> AskAsync(ProxyHarness proxy, string name) => Wire.Header(await proxy.AskAsync(Wire.Query(name))).ResponseCode;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_list)!, recursive: true);

    private Task<ProxyHarness> StartAsync() => ProxyHarness.StartAsync(_settings, _time);
}
