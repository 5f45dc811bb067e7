using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Program;

/// <summary>
/// Two configurations that answer differently take turns under load: no query is lost, and none is decided by parts of both. DNSFLOW_RELOADS says how
/// often (40 unless set), in 300 ms each.
/// </summary>
public sealed partial class ReloadUnderLoadTests : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(300);
    private static readonly int Reloads = int.Parse(Environment.GetEnvironmentVariable("DNSFLOW_RELOADS") ?? "40", CultureInfo.InvariantCulture);

    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-reload").FullName;
    private readonly UdpClient[] _servers = [.. Enumerable.Range(0, 4).Select(_ => new UdpClient(new IPEndPoint(IPAddress.Loopback, 0)))];
    private int _asked;

    public void Dispose()
    {
        Array.ForEach(_servers, server => server.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [ToolFact("dnsperf", "kill")]
    public async Task Reload_ManyTimesUnderLoad_LosesNothingAndMixesNothing()
    {
        var serving = _servers.Select(ServeAsync).ToArray();
        var file = Path.Combine(_folder, "dnsflow.json");
        await File.WriteAllTextAsync(file, Plan(1));
        using var program = await RunningProgram.StartAsync("-l", "127.0.0.1:0", "-c", file);
        await File.WriteAllLinesAsync(Path.Combine(_folder, "queries"), ["www.version.example A", "version.example TXT"]);
        using var load = ToolProcess.Start("dnsperf",
        [
            "-s", "127.0.0.1", "-p", program.Endpoint.Port.ToString(CultureInfo.InvariantCulture), "-d", Path.Combine(_folder, "queries"),
            "-l", Math.Ceiling(Reloads * Pace.TotalSeconds).ToString(CultureInfo.InvariantCulture), "-Q", "4000", "-c", "8",
        ]);

        using var ended = new CancellationTokenSource();
        var asking = Enumerable.Range(0, 4).Select(_ => AskAsync(program.Endpoint, ended.Token)).ToArray();
        using var pace = new PeriodicTimer(Pace);
        for (var generation = 2; generation <= Reloads + 1; generation++)
        {
            await pace.WaitForNextTickAsync();
            var version = generation % 2 == 0 ? 2 : 1;
            var next = Path.Combine(_folder, "next");
            await File.WriteAllTextAsync(next, Plan(version));
            File.Move(next, file, overwrite: true);
            await program.SignalAsync("HUP");
            await program.WaitForAsync($"Configuration {generation} is in force");
            Assert.Equal(version, Version(await ExchangeAsync(program.Endpoint, Wire.Query("www.version.example"))));
        }

        await ended.CancelAsync();
        await Task.WhenAll(asking);
        await load.ExitAsync();
        Assert.True(Lost().Match(load.Output).Groups[1].Value == "0", load.Output);
        Assert.True(Codes().IsMatch(load.Output), load.Output);
        Assert.True(_asked > Reloads, $"only {_asked} questions were asked beside the load");
        Assert.Equal(0, await program.TerminateAsync());
        Array.ForEach(_servers, server => server.Close());
        await Task.WhenAll(serving);
    }

    // Plan 1 has groups b and c with servers 0 and 1, plan 2 has a, b and c with servers 2 and 3: numbers of groups move, so rules of one with groups of
    // the other would be seen.
    private string Plan(int version)
    {
        var (group, rule) = version == 1 ? ("", "") : (
            $"\"a\": {{ \"Servers\": [\"{Address(0)}\"] }},",
            "{ \"Name\": \"first\", \"When\": { \"Domains\": [\"first.example\"] }, \"Action\": \"forward\", \"To\": \"a\" },");
        return $$"""
            { "DnsFlow": { "ReloadOnChange": false,
                "Upstreams": { {{group}}
                    "b": { "Servers": ["{{Address(version == 1 ? 0 : 2)}}"] }, "c": { "Servers": ["{{Address(version == 1 ? 1 : 3)}}"] } },
                "QueryRules": [
                    {{rule}}
                    { "Name": "b", "When": { "Domains": ["b.example"] }, "Action": "forward", "To": "b" },
                    { "Name": "c", "When": { "Domains": ["c.example"] }, "Action": "forward", "To": "c" },
                    { "Name": "version", "When": { "Domains": ["version.example"], "Types": ["A"] }, "Action": "answer", "Records": ["A 192.0.2.{{version}}"] },
                    { "Name": "text", "When": { "Domains": ["version.example"] }, "Action": "answer", "Records": ["TXT \"{{version}}\""] },
                    { "Name": "rest", "Action": "nxdomain" } ] } }
            """;
    }

    private string Address(int server) => _servers[server].Client.LocalEndPoint!.ToString()!;

    /// <summary>A server that answers everything with its own number.</summary>
    private async Task ServeAsync(UdpClient server)
    {
        var number = Array.IndexOf(_servers, server);
        while (true)
        {
            try
            {
                var query = await server.ReceiveAsync();
                await server.SendAsync(Wire.Answer(query.Buffer, 60, $"203.0.113.{number}"), query.RemoteEndPoint);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;     // closed: the test is over
            }
        }
    }

    /// <summary>Asks for names that were never asked for, so that a server has to answer: b is with server 0 or 2, c with 1 or 3, whatever the plan.</summary>
    private async Task AskAsync(IPEndPoint proxy, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _asked);
            var group = number % 2 == 0 ? "b" : "c";
            var address = Wire.FirstAddress(await ExchangeAsync(proxy, Wire.Query($"n{number}.{group}.example")));
            Assert.Contains(address, group == "b" ? ["203.0.113.0", "203.0.113.2"] : new[] { "203.0.113.1", "203.0.113.3" });
        }
    }

    private static int Version(byte[] response) => int.Parse(Wire.FirstAddress(response)!.Split('.')[^1], CultureInfo.InvariantCulture);

    private static async Task<byte[]> ExchangeAsync(IPEndPoint proxy, byte[] query)
    {
        using var client = new UdpClient();
        client.Connect(proxy);
        await client.SendAsync(query);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var response = (await client.ReceiveAsync(patience.Token)).Buffer;
        Assert.Equal(ResponseCode.NoError, Wire.Header(response).ResponseCode);
        return response;
    }

    [GeneratedRegex(@"Queries lost:\s+(\d+)")]
    private static partial Regex Lost();

    [GeneratedRegex(@"Response codes:\s+NOERROR \d+ \(100\.00%\)")]
    private static partial Regex Codes();
}
