using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using DnsFlow.Server;
using DnsFlow.Server.Listening;
using DnsFlow.Service.Commands;
using DnsFlow.Service.Endpoints;
using DnsFlow.Service.Logging;
using DnsFlow.Telemetry;
using DnsFlow.Tests.Telemetry;
using Microsoft.Extensions.Hosting;

namespace DnsFlow.Tests.Service;

public sealed class HttpInterfaceTests : IAsyncLifetime
{
    private readonly ServiceRun _run = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private IHost? _host;
    private LineWriter? _lines;

    private Uri Base => _client.BaseAddress!;

    public async Task InitializeAsync()
    {
        var settings = new StartSettings { Stats = "http://127.0.0.1:0" };
        var start = CheckedStart.Check(settings, _run.Context);
        Assert.Empty(start.Errors);
        _lines = new LineWriter(_run.Context.Error);
        _host = ProgramHost.Build(start, settings, _run.Context, InheritedSockets.None, _lines);
        await _host.StartAsync();
        _client.BaseAddress = new Uri(Assert.Single(HostAddresses.Of(_host, start)));
    }

    [Theory]
    [InlineData("/stats")]
    [InlineData("/api/v1/stats")]
    public async Task Get_Stats_IsTheSnapshot(string path)
    {
        using var response = await _client.GetAsync(path);

        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(4, json.RootElement.GetProperty("queries").GetProperty("total").GetInt64());
        Assert.Equal("1.2.3", json.RootElement.GetProperty("version").GetString());
    }

    [Fact]
    public async Task Get_Metrics_IsPrometheusText()
    {
        using var response = await _client.GetAsync("/metrics");

        Assert.Equal(PrometheusText.ContentType, response.Content.Headers.ContentType!.ToString());
        Assert.Contains("dnsflow_queries_total", PrometheusParser.Parse(await response.Content.ReadAsStringAsync()).Keys);
    }

    [Fact]
    public async Task Get_Health_SaysOkAndNoMore() => Assert.Equal("ok\n", await _client.GetStringAsync("/health"));

    [Fact]
    public async Task Get_Ready_SaysWhatIsMissing()
    {
        Assert.Equal("""{"status":"ready"}""", await _client.GetStringAsync("/ready"));

        _run.Server.OnReadiness = () => new ReadinessReport(["listener 'lan' is not bound: 192.0.2.1:53"]);
        using var response = await _client.GetAsync("/ready");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("listener 'lan' is not bound", JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("missing")[0].GetString());
    }

    [Fact]
    public async Task Head_Stats_HasTheLengthAndNoBody()
    {
        using var response = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/stats"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Content.Headers.ContentLength > 100);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/STATS", HttpStatusCode.NotFound)]
    [InlineData("POST", "/stats", HttpStatusCode.MethodNotAllowed)]
    [InlineData("OPTIONS", "/stats", HttpStatusCode.MethodNotAllowed)]
    public async Task Request_WrongPathOrMethod_GetsAProblemDocument(string method, string path, HttpStatusCode expected)
    {
        using var response = await _client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((int)expected, json.RootElement.GetProperty("status").GetInt32());
        Assert.Equal("about:blank", json.RootElement.GetProperty("type").GetString());
        Assert.Equal(expected == HttpStatusCode.MethodNotAllowed, response.Content.Headers.Allow.Contains("GET"));
    }

    [Theory]
    [InlineData("localhost:9953", null, null, 200)]
    [InlineData("127.0.0.1", null, null, 200)]
    [InlineData("[::1]:1", null, null, 200)]
    [InlineData("rebound.example:9953", null, null, 421)]
    [InlineData("localhost.example", null, null, 421)]
    [InlineData("192.0.2.1", null, null, 421)]
    [InlineData("", null, null, 421)]
    [InlineData("localhost", "http://evil.example", null, 403)]
    [InlineData("localhost", "null", null, 403)]
    [InlineData("localhost:1", "http://localhost:1", null, 200)]
    [InlineData("localhost:1", "http://localhost:2", null, 403)]
    [InlineData("localhost", null, "cross-site", 403)]
    [InlineData("localhost", null, "same-site", 403)]
    [InlineData("localhost", null, "same-origin", 200)]
    [InlineData("localhost", null, "none", 200)]
    public async Task Request_HostAndOrigin_AreJudged(string host, string? origin, string? site, int expected)
    {
        var headers = $"Host: {host}\r\n" + (origin is null ? "" : $"Origin: {origin}\r\n") + (site is null ? "" : $"Sec-Fetch-Site: {site}\r\n");
        foreach (var path in (string[])["/stats", "/metrics", "/ready", "/health"])
        {
            Assert.StartsWith($"HTTP/1.1 {expected} ", await RawAsync($"GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"));
        }
    }

    [Fact]
    public async Task Response_Any_CarriesTheSecurityHeadersAndNoCors()
    {
        foreach (var path in (string[])["/stats", "/metrics", "/nothing"])
        {
            using var response = await _client.GetAsync(path);
            Assert.Contains("default-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single());
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
            Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
            Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase) || header.Key == "Server");
        }
    }

    [Fact]
    public async Task Request_TooLargeAHead_IsRefused()
    {
        Assert.StartsWith("HTTP/1.1 431 ", await RawAsync($"GET /stats HTTP/1.1\r\nHost: localhost\r\nX: {new string('x', 7000)}\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 414 ", await RawAsync($"GET /{new string('x', 3000)} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }

    [Fact]
    public async Task Request_HandlerThrows_Gets500AndALogLine()
    {
        _run.Server.OnSnapshot = () => throw new InvalidOperationException("broken\ncounter");
        using var response = await _client.GetAsync("/stats");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.DoesNotContain("broken", await response.Content.ReadAsStringAsync());
        _lines!.Dispose();
        Assert.Contains("broken\\010counter", _run.Error);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/health")).StatusCode);
    }

    [Fact]
    public async Task Connections_AboveTheBound_AreClosed()
    {
        var connections = new List<TcpClient>();
        for (var i = 0; i < HttpServerSetup.MaxConnections; i++)
        {
            connections.Add(await ConnectAsync());
            await connections[i].GetStream().WriteAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            Assert.NotEqual(0, await connections[i].GetStream().ReadAsync(new byte[4096]));
        }

        using var one = await ConnectAsync();
        await one.GetStream().WriteAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        var length = 0;
        try
        {
            length = await one.GetStream().ReadAsync(new byte[4096]);
        }
        catch (IOException)
        {
            // A reset is as good as an orderly end here.
        }

        Assert.Equal(0, length);
        connections.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task Get_MetricsSwitchedOff_IsNotFound()
    {
        using var run = new ServiceRun();
        run.With("appsettings.json", """{ "DnsFlow": { "Stats": { "Prometheus": false } } }""");
        var settings = new StartSettings { Stats = "http://127.0.0.1:0" };
        var start = CheckedStart.Check(settings, run.Context);
        using var host = ProgramHost.Build(start, settings, run.Context, InheritedSockets.None, _lines!);
        await host.StartAsync();
        var address = HostAddresses.Of(host, start).Single();

        using var response = await _client.GetAsync(address + "/metrics");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.DoesNotContain("/metrics", await response.Content.ReadAsStringAsync());
        Assert.Equal("ok\n", await _client.GetStringAsync(address + "/health"));
        await host.StopAsync();
    }

    [Fact]
    public void Start_WithHost_StartsTheProxyOnce() => Assert.Equal(["start"], _run.Server.Calls);

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _host!.StopAsync();
        _host.Dispose();
        _lines!.Dispose();
        _run.Dispose();
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(Base.Host, Base.Port);
        return client;
    }

    private async Task<string> RawAsync(string request)
    {
        using var client = await ConnectAsync();
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        return await reader.ReadLineAsync() ?? "";
    }
}
