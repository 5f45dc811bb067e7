using System.Net;
using System.Net.Sockets;
using DnsFlow.Server;
using DnsFlow.Tests.Server;

namespace DnsFlow.Tests.Service;

public sealed class CommandTests : IDisposable
{
    private readonly ServiceRun _run = new();

    [Theory]
    [InlineData("--bogus")]
    [InlineData("bogus")]
    [InlineData("run", "--bogus")]
    [InlineData("run", "-l")]
    [InlineData("check", "extra")]
    [InlineData("stats", "--json", "yes", "no")]
    public async Task Run_WrongCommandLine_IsUsage(params string[] arguments)
    {
        Assert.Equal(2, await _run.RunAsync(arguments));
        Assert.Contains("--help' tells what is allowed", _run.Error);
        Assert.StartsWith("dnsflow: ", _run.Error);
        Assert.Empty(_run.Out);
        Assert.Empty(_run.Server.Calls);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run", "--help")]
    public async Task Run_Help_TellsTheFlags(params string[] arguments)
    {
        Assert.Equal(0, await _run.RunAsync(arguments));
        Assert.All(["--listen", "-u", "--config", "--cache-size", "--stats", "--shards", "--quiet"], flag => Assert.Contains(flag, _run.Out));
    }

    [Theory]
    [InlineData("version")]
    [InlineData("--version")]
    public async Task Run_Version_IsPrinted(string argument)
    {
        Assert.Equal(0, await _run.RunAsync(argument));
        Assert.Matches(@"\d+\.\d+\.\d+", _run.Out);
    }

    [Fact]
    public async Task Check_GoodConfiguration_IsGood()
    {
        Assert.Equal(0, await _run.RunAsync("check", "-l", "127.0.0.1:5353", "-u", "192.0.2.1"));
        Assert.Equal("0 errors, 0 warnings\n", _run.Out);
    }

    [Theory]
    [MemberData(nameof(BrokenConfigurations.All), MemberType = typeof(BrokenConfigurations))]
    public async Task Check_Broken_Exits78AndNamesThePlace(string kind, string settings, string expected)
    {
        BrokenConfigurations.WriteFiles(_run.Folder);
        _run.With("bad.json", $$"""
            { "DnsFlow": {
                {{settings}} } }
            """);
        Assert.Equal(78, await _run.RunAsync("check", "-c", "bad.json"));
        Assert.True(_run.Out.Contains(expected, StringComparison.Ordinal), $"{kind}: {_run.Out}");
        Assert.True(expected.Contains(".zone", StringComparison.Ordinal) || _run.Out.Contains($"bad.json:2: {expected}", StringComparison.Ordinal), _run.Out);
    }

    [Fact]
    public async Task Check_SeveralErrors_PrintsAll()
    {
        _run.With("bad.json", """{ "DnsFlow": { "Stats": { "Endpoints": ["ftp://127.0.0.1", "gopher://x"] } } }""");
        Assert.Equal(78, await _run.RunAsync("check", "-c", "bad.json"));
        Assert.Contains("DnsFlow:Stats:Endpoints:0", _run.Out);
        Assert.Contains("DnsFlow:Stats:Endpoints:1", _run.Out);
        Assert.EndsWith("2 errors, 0 warnings\n", _run.Out);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("check")]
    public async Task Run_MissingFile_IsConfiguration(string command)
    {
        Assert.Equal(78, await _run.RunAsync(command, "-c", "absent.json"));
        Assert.Contains("absent.json: there is no such file", _run.Out + _run.Error);
        Assert.Empty(_run.Server.Calls);
    }

    [Fact]
    public async Task Run_UntilStopped_StartsReportsStopsAndIsGood()
    {
        using var stop = new CancellationTokenSource();
        var running = RunUntilReportedAsync(stop, "--stats", "http://127.0.0.1:0");
        Assert.Equal(0, await running);
        Assert.Equal(["start", "stop Requested"], _run.Server.Calls);
        Assert.Contains("listening   127.0.0.1:1053 (udp, tcp)", _run.Error);
        Assert.Contains("upstreams   default: 192.0.2.53:53", _run.Error);
        Assert.Contains("zone        home.arpa (12 names)", _run.Error);
        Assert.Matches(@"statistics  http://127\.0\.0\.1:[1-9]\d*/stats", _run.Error);
        Assert.Contains("try         dig @127.0.0.1 -p 1053 router.home.arpa", _run.Error);
        Assert.Empty(_run.Out);
    }

    [Fact]
    public async Task Run_StatsOff_ServesNone()
    {
        using var stop = new CancellationTokenSource();
        Assert.Equal(0, await RunUntilReportedAsync(stop, "--stats", "off"));
        Assert.DoesNotContain("statistics", _run.Error);
    }

    [Theory]
    [InlineData(ServerStartFailure.Unavailable, 69)]
    [InlineData(ServerStartFailure.NoPermission, 77)]
    public async Task Run_ServerCannotStart_ExitCodeSaysWhy(ServerStartFailure failure, int code)
    {
        _run.Server.OnStart = _ => throw new ServerStartException(failure, "127.0.0.1:53: no");
        Assert.Equal(code, await _run.RunAsync("run", "--stats", "off"));
        Assert.Equal("127.0.0.1:53: no\n", _run.Error);
    }

    [Fact]
    public async Task Run_ServerFindsErrors_PrintsAllAndTheirNumber()
    {
        _run.Server.OnStart = _ => throw new ServerStartException(ServerStartFailure.Configuration, "home.zone:7: no SOA\nlab.zone:9: no NS");
        Assert.Equal(78, await _run.RunAsync("run", "--stats", "off"));
        Assert.Equal("home.zone:7: no SOA\nlab.zone:9: no NS\n2 errors, 0 warnings\n", _run.Error);
    }

    [Fact]
    public async Task Run_StatsPortTaken_SaysSoAndStopsTheProxy()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        Assert.Equal(69, await _run.RunAsync("run", "--stats", $"http://127.0.0.1:{port}"));

        Assert.Contains($"127.0.0.1:{port}", _run.Error);
        Assert.Contains("--stats off", _run.Error);
        Assert.Equal("start", _run.Server.Calls[0]);
        Assert.StartsWith("stop", _run.Server.Calls[^1]);
    }

    [Fact]
    public async Task Stats_RunningProxy_ShowsTableAndJson()
    {
        using var stop = new CancellationTokenSource();
        var running = _run.RunAsync(stop.Token, "run", "--stats", "http://127.0.0.1:0");
        var url = await StatisticsUrlAsync(running);

        using var asker = new ServiceRun();
        Assert.Equal(0, await asker.RunAsync("stats", "--stats", url));
        Assert.Contains("queries       4 in all, 0 in flight", asker.Out);
        Assert.Equal(0, await asker.RunAsync("stats", "--stats", url, "--json"));
        Assert.Contains("\"byOutcome\":{", asker.Out);

        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Stats_NothingThere_IsUnavailable()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        Assert.Equal(69, await _run.RunAsync("stats", "--stats", $"http://127.0.0.1:{port}"));
        Assert.Single(_run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Stats_NoUrl_IsUsage() => Assert.Equal(2, await _run.RunAsync("stats", "--stats", "nonsense"));

    public void Dispose() => _run.Dispose();

    private async Task<int> RunUntilReportedAsync(CancellationTokenSource stop, params string[] arguments)
    {
        var running = _run.RunAsync(stop.Token, arguments);
        await UntilAsync(running, () => _run.Error.Contains("  try "));
        await stop.CancelAsync();
        return await running;
    }

    private async Task<string> StatisticsUrlAsync(Task running)
    {
        await UntilAsync(running, () => _run.Error.Contains("/stats\n"));
        var line = _run.Error.Split('\n').Single(text => text.Contains("statistics"));
        return line[line.IndexOf("http", StringComparison.Ordinal)..^"/stats".Length];
    }

    private static async Task UntilAsync(Task running, Func<bool> condition)
    {
        while (!condition() && !running.IsCompleted)
        {
            await Task.Yield();
        }
    }
}
