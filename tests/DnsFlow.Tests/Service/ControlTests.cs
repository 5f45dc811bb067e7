using System.Net;
using System.Net.Http.Headers;
using DnsFlow.Server;
using DnsFlow.Server.Explaining;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Service.Commands;
using DnsFlow.Service.Endpoints;
using DnsFlow.Service.Logging;
using DnsFlow.Telemetry;
using Microsoft.Extensions.Hosting;

namespace DnsFlow.Tests.Service;

/// <summary>Who may change what: the control socket, the token, and nobody else.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ControlTests : IAsyncLifetime
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    private readonly ServiceRun _run = new();
    private readonly LineWriter _lines;
    private IHost? _host;
    private ControlSockets? _sockets;

    public ControlTests() => _lines = new LineWriter(TextWriter.Null);

    [Fact]
    public async Task Post_WithoutTokenFile_NeedsTheControlSocket()
    {
        using var client = await StartAsync("");
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync("/api/v1/config/reload", null)).StatusCode);
        Assert.DoesNotContain(_run.Server.Calls, call => call.StartsWith("reload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Post_Token_IsJudgedAndGuessingIsEnded()
    {
        WriteToken(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var client = await StartAsync(""" "TokenFile": "token" """);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.PostAsync("/api/v1/config/reload", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(client, Token)).StatusCode);
        for (var i = 1; i < FailureLimit.MaxFailures; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(client, Token + "0")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(client, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/stats")).StatusCode);
        Assert.Single(_run.Server.Calls, "reload asked over HTTP");
    }

    [Theory]
    [InlineData(Token, UnixFileMode.UserRead | UnixFileMode.GroupRead, "can be read by others")]
    [InlineData("0123456789abcdef", UnixFileMode.UserRead, "less than 128 bits")]
    [InlineData("two words of some length beyond", UnixFileMode.UserRead, "more than one word")]
    public void TokenFile_NoSecret_IsAnError(string token, UnixFileMode mode, string expected)
    {
        if (OperatingSystem.IsWindows())
        {
            return;     // no modes there
        }

        WriteToken(mode, token);
        _run.With("appsettings.json", """{ "DnsFlow": { "Stats": { "TokenFile": "token" } } }""");
        Assert.Contains(expected, Assert.Single(CheckedStart.Check(new StartSettings(), _run.Context).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ControlSocket_MayDoEverything_AndIsForItsOwnerOnly()
    {
        var path = Path.Combine(_run.Folder, "control.sock");
        File.WriteAllText(path, "");        // left behind by a crash
        using (await StartAsync($$""" "Endpoints": ["unix:{{path}}", "http://127.0.0.1:0"] """))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal(0, await _run.RunAsync("reload", "--socket", path));
            Assert.EndsWith("configuration 2 is in force\n", _run.Out, StringComparison.Ordinal);
            _run.Server.OnReload = _ => ReloadReport.Refused(1, "a.json:3: DnsFlow:Shards  'x' is not a whole number", "and another");
            Assert.Equal(78, await _run.RunAsync("reload", "--socket", path));
            Assert.Contains("a.json:3: DnsFlow:Shards", _run.Error, StringComparison.Ordinal);
            Assert.Null(ControlSocket.TryTake(path, out var error));
            Assert.Contains("in use", error, StringComparison.Ordinal);
        }

        await StopAsync();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void ControlSocket_TwoProgramsStartAtOnce_OneHasIt()
    {
        var path = Path.Combine(_run.Folder, "control.sock");
        using (ControlSocket.TryTake(path, out _))
        {
            Assert.Null(ControlSocket.TryTake(path, out var error));       // the first has not bound it yet
            Assert.Equal($"{path} is in use by another program", error);
        }

        using var next = ControlSocket.TryTake(path, out _);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task Pause_CommandsAndRequests_ReachTheProxy()
    {
        var path = Path.Combine(_run.Folder, "control.sock");
        using var client = await StartAsync($$""" "Endpoints": ["unix:{{path}}", "http://127.0.0.1:0"] """);
        Assert.Equal(0, await _run.RunAsync("pause", "--socket", path));
        Assert.EndsWith("nothing is paused\n", _run.Out, StringComparison.Ordinal);
        _run.Server.Pauses = [new PauseStats("ads", "192.168.1.44", new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero))];
        Assert.Equal(0, await _run.RunAsync("pause", "ads", "--client", "192.168.1.44", "--for", "5m", "--socket", path));
        Assert.EndsWith("ads is paused for 192.168.1.44 until 2026-01-01 12:00:00Z\n", _run.Out, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("pause", "ads", "--end", "--socket", path));
        Assert.Equal(1, await _run.RunAsync("pause", "other", "--end", "--socket", path));
        Assert.Equal(2, await _run.RunAsync("pause", "ads", "--for", "2d", "--socket", path));
        Assert.Contains("'2d' is above 1d", _run.Error, StringComparison.Ordinal);
        Assert.Equal(2, await _run.RunAsync("pause", "ads", "--client", "10.0.0.1/8", "--socket", path));
        Assert.Contains("client '10.0.0.1/8': bits are set behind the prefix, or it is no address", _run.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("pause", "ads", "--client", "kitchen", "--socket", path));
        Assert.Equal(0, await _run.RunAsync("pause", "ads", "--client", "2001:db8::/32", "--end", "--socket", path));
        Assert.Equal(
            ["pause ads 192.168.1.44 00:05:00", "end pause ads ", "end pause other ", "pause ads kitchen 00:10:00", "end pause ads 2001:db8::/32"],
            _run.Server.Calls.Where(static call => call.Contains("pause", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync("/api/v1/pause?name=ads&for=5m", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.DeleteAsync("/api/v1/pause?name=ads")).StatusCode);
        Assert.Contains("\"until\":\"2026-01-01T12:00:00", await client.GetStringAsync("/api/v1/pause"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_ProxyRuns_IsAsked_UnlessFlagsNameAConfiguration()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_run.Folder, "dnsflow")).FullName;
        var path = Path.Combine(folder, "control.sock");
        _run.Variables["XDG_RUNTIME_DIR"] = _run.Folder;
        _run.With("other.json", """{ "DnsFlow": { "Upstreams": { "default": { "Servers": ["192.0.2.53"] } } } }""");
        Assert.Equal(0, await _run.RunAsync("explain", "www.example", "-c", "other.json"));
        Assert.EndsWith("cache not known\nsource the configuration with other.json; no running proxy was found\n", _run.Out, StringComparison.Ordinal);

        using var client = await StartAsync($$""" "Endpoints": ["unix:{{path}}", "http://127.0.0.1:0"] """);
        _run.Server.OnExplain = static question => new Explanation
        {
            Name = question.Name.ToString(), Type = "A", Client = "127.0.0.1", Listener = "local", Transport = "udp", At = DateTimeOffset.UnixEpoch,
            Flow = new ExplainedRules("all", "claim", [], []), Result = "answered", Cache = "fresh", CacheSeconds = 42,
        };
        Assert.Equal(0, await _run.RunAsync("explain", "www.example"));
        Assert.EndsWith($"answered   cache fresh for 42 s\nsource the running proxy, {path}\n", _run.Out, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("explain", "www.example", "--json", "--socket", client.BaseAddress!.ToString()));
        Assert.EndsWith("\"cacheSeconds\":42,\"staleUntil\":null,\"answer\":null,\"log\":null}\n", _run.Out, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("explain", "www.example", "-c", "other.json"));
        Assert.EndsWith($"cache not known\nsource the configuration with other.json; the proxy that runs ({path}) was not asked\n", _run.Out, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("explain", "www.example", "-u", "192.0.2.1"));
        Assert.Contains("source the configuration with the flags given; the proxy", _run.Out, StringComparison.Ordinal);
        Assert.Equal(2, await _run.RunAsync("explain", "www.example", "--listener", "attic"));
        Assert.Contains("'attic' is not a listener; there are local", _run.Error, StringComparison.Ordinal);
        Assert.Equal(69, await _run.RunAsync("explain", "www.example", "--socket", Path.Combine(_run.Folder, "none.sock")));
    }

    [Fact]
    public async Task Flows_CommandsAndRequests_ReachTheProxy()
    {
        var path = Path.Combine(_run.Folder, "control.sock");
        using var client = await StartAsync($$""" "Endpoints": ["unix:{{path}}", "http://127.0.0.1:0"] """);
        _run.Server.Flows = [new FlowReport("00af", "192.168.1.44:40000", "192.168.1.2:53", "lan", "udp", "open", "claim", "all", 7, 2, 1, 0, "NXDOMAIN", "blocked", "1234/dig"), new FlowReport("00b0", "[::1]:40001", "[::1]:53", "lan", "tcp", "open", "claim", "all", 7, 2, 0)];
        Assert.Equal(0, await _run.RunAsync("flows", "--client", "192.168.1.44", "--socket", path));
        Assert.EndsWith(
            "ID    AGE  IDLE  CLIENT              PROCESS   LISTENER  VERDICT  RULE  STATE  IN FLIGHT  QUEUED  LAST ANSWER\n"
            + "00af  7s   2s    192.168.1.44:40000  1234/dig  lan/udp   claim    all   open   1          0       NXDOMAIN blocked\n", _run.Out, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("flows", "close", "00af", "--socket", path));
        Assert.Equal(1, await _run.RunAsync("flows", "close", "00aa", "--socket", path));
        Assert.Contains("there is no flow '00aa'", _run.Error, StringComparison.Ordinal);
        Assert.Contains("00b0", await client.GetStringAsync("/api/v1/flows?client=::1&state=Open"), StringComparison.Ordinal);
        Assert.Equal("[]", await client.GetStringAsync("/api/v1/flows?state=closing"));
        Assert.Equal(HttpStatusCode.Forbidden, (await client.DeleteAsync("/api/v1/flows/00af")).StatusCode);
    }

    [Fact]
    public async Task CacheListsAndRules_CommandsAndRequests_ReachTheProxy()
    {
        var path = Path.Combine(_run.Folder, "control.sock");
        using var client = await StartAsync($$""" "Endpoints": ["unix:{{path}}", "http://127.0.0.1:0"] """);
        Assert.Equal(0, await _run.RunAsync("cache", "flush", "corp.example", "--socket", path));
        Assert.EndsWith("3 responses were forgotten\n", _run.Out, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("cache", "flush", "--socket", path));
        Assert.Equal(2, await _run.RunAsync("cache", "flush", "a..b", "--socket", path));
        Assert.Equal(["flush corp.example", "flush "], _run.Server.Calls.Where(static call => call.StartsWith("flush", StringComparison.Ordinal)));
        Assert.Equal(0, await _run.RunAsync("lists", "refresh", "--socket", path));
        Assert.Equal(1, await _run.RunAsync("lists", "refresh", "ads", "--socket", path));
        Assert.Contains("there is no list 'ads'", _run.Error, StringComparison.Ordinal);
        Assert.Equal("""[{"stage":"query","index":0,"rule":"ads","action":"block","matches":7,"pauses":[]}]""", await client.GetStringAsync("/api/v1/rules"));
        Assert.Equal("[]", await client.GetStringAsync("/api/v1/lists"));
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync("/api/v1/cache/flush", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync("/api/v1/lists/refresh", null)).StatusCode);
    }

    [Fact]
    public async Task Reload_NobodyThere_Exits69()
    {
        Assert.Equal(69, await _run.RunAsync("reload", "--socket", Path.Combine(_run.Folder, "none.sock")));
        Assert.Equal(69, await _run.RunAsync("reload"));
        Assert.Contains("no running proxy was found", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_Config_HasAnETag()
    {
        using var client = await StartAsync("");
        using var first = await client.GetAsync("/api/v1/config");
        Assert.Equal("\"1\"", first.Headers.ETag!.Tag);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/config");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag);
        Assert.Equal(HttpStatusCode.NotModified, (await client.SendAsync(again)).StatusCode);
        Assert.Equal(ProxyConfiguration.Schema, await client.GetStringAsync("/api/v1/schema"));
    }

    [Fact]
    public void Document_Secrets_AreMasked()
    {
        var root = Settings.SettingsText.Layers("""{ "DnsFlow": { "Stats": { "TokenFile": "/run/token" }, "Own": { "ApiToken": "s3cret" }, "Shards": 2, "QueryRules": [] } }""");
        var document = ProxyConfiguration.Document(root, root);
        Assert.DoesNotContain("s3cret", document, StringComparison.Ordinal);
        Assert.Contains("/run/token", document, StringComparison.Ordinal);
        Assert.Contains("\"Shards\": 2", document, StringComparison.Ordinal);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await StopAsync();
        _lines.Dispose();
        _run.Dispose();
    }

    private async Task StopAsync()
    {
        if (_host is { } host)
        {
            _host = null;
            await host.StopAsync();
            host.Dispose();
            _sockets!.Dispose();
        }
    }

    private void WriteToken(UnixFileMode mode, string token = Token)
    {
        _run.With("token", token + "\n");
        File.SetUnixFileMode(Path.Combine(_run.Folder, "token"), mode);
    }

    private async Task<HttpClient> StartAsync(string stats)
    {
        var endpoints = stats.Contains("Endpoints", StringComparison.Ordinal) ? stats : $$"""{{(stats.Length > 0 ? stats + "," : "")}} "Endpoints": ["http://127.0.0.1:0"] """;
        _run.With("appsettings.json", $$"""{ "DnsFlow": { "Stats": { {{endpoints}} } } }""");
        var start = CheckedStart.Check(new StartSettings(), _run.Context);
        Assert.Empty(start.Errors);
        _sockets = ControlSockets.Open(start, _run.Context, out var error);
        Assert.Null(error);
        _host = ProgramHost.Build(start, new StartSettings(), _run.Context, InheritedSockets.None, _lines, _sockets.All);
        await _host.StartAsync();
        _sockets.Protect();
        return new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(HostAddresses.Of(_host, start)[0]) };
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/config/reload");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client.SendAsync(request);
    }
}
