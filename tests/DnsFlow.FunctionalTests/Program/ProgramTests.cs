using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.Protocol;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Program;

/// <summary>The program as a person meets it: what it answers, prints and exits with.</summary>
public sealed class ProgramTests
{
    [Fact]
    public async Task Run_AnswersFromItsZones_CountsItAndExitsWithZeroOnSigterm()
    {
        using var program = await RunningProgram.StartAsync("-l", "127.0.0.1:0");
        var response = await AskAsync(program.Endpoint, Wire.Query("router.home.arpa"));
        Assert.Equal("192.0.2.1", Wire.FirstAddress(response));
        Assert.Equal(ResponseCode.NXDomain, Wire.Header(await AskAsync(program.Endpoint, Wire.Query("none.home.arpa"))).ResponseCode);

        using var http = new HttpClient();
        var queries = (await http.GetFromJsonAsync<JsonObject>(program.Stats))!["queries"]!;
        Assert.Equal(2, (int)queries["total"]!);
        Assert.Equal(2, (int)queries["byOutcome"]!["local"]!);
        Assert.Equal(0, await program.TerminateAsync());
    }

    [Fact]
    public async Task Run_OnPortableSockets_AnswersFromItsZonesAndExitsWithZero()
    {
        using var program = await RunningProgram.StartPortableAsync("-l", "127.0.0.1:0", "--shards", "2");
        Assert.Equal("192.0.2.1", Wire.FirstAddress(await AskAsync(program.Endpoint, Wire.Query("router.home.arpa"))));
        Assert.Equal(0, await program.TerminateAsync());
    }

    [Fact]
    public async Task Run_SigtermWithAQueryInFlight_AnswersItBeforeItExits()
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var program = await RunningProgram.StartAsync("-l", "127.0.0.1:0", "-u", silent.Client.LocalEndPoint!.ToString()!);
        using var client = new UdpClient();
        client.Connect(program.Endpoint);
        await client.SendAsync(Wire.Query("www.example"));
        var asked = await silent.ReceiveAsync();
        var exit = program.TerminateAsync();
        await silent.SendAsync(Wire.Answer(asked.Buffer, 60, "198.51.100.7"), asked.RemoteEndPoint);
        Assert.Equal("198.51.100.7", Wire.FirstAddress((await client.ReceiveAsync()).Buffer));
        Assert.Equal(0, await exit);
    }

    // Sockets of several shards share their port, and of one user's two processes the kernel would let both: the second must be told.
    [Theory]
    [InlineData("1", "1")]
    [InlineData("3", "3")]
    [InlineData("3", "1")]
    public async Task Run_PortTakenByAnotherInstance_Exits69AndNamesTheAddress(string firstShards, string secondShards)
    {
        using var first = await RunningProgram.StartAsync("-l", "udp://127.0.0.1:0", "--shards", firstShards);
        var (code, output) = await RunningProgram.RunAsync("-l", $"udp://{first.Endpoint}", "--stats", "off", "--shards", secondShards);
        Assert.Equal(69, code);
        Assert.Contains($"cannot listen on {first.Endpoint}: the address is in use by another program", output, StringComparison.Ordinal);
        Assert.Equal("192.0.2.1", Wire.FirstAddress(await AskAsync(first.Endpoint, Wire.Query("router.home.arpa"))));
    }

    [Fact]
    public async Task Check_BrokenConfiguration_Exits78WithEveryPath()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """
                { "DnsFlow": {
                    "Upstreams": { "corp": { "Servers": ["10.20.0.53"] } },
                    "QueryRules": [
                        { "Name": "a", "When": { "Domains": ["corp.example"] }, "Action": "forward", "To": "crop" },
                        { "Name": "b", "Action": "fordward" }
                    ],
                    "Cache": { "MaxByte": "1MB" }
                } }
                """);
            var (code, output) = await RunningProgram.RunAsync("check", "-c", file);
            Assert.Equal(78, code);
            Assert.Contains("DnsFlow:QueryRules:0:To  'crop' is not an upstream group; did you mean 'corp'?", output, StringComparison.Ordinal);
            Assert.Contains("did you mean 'forward'?", output, StringComparison.Ordinal);
            Assert.Contains("did you mean 'MaxBytes'?", output, StringComparison.Ordinal);
            Assert.Contains("3 errors", output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("quic://192.0.2.1#dns.test")]
    [InlineData("h3://192.0.2.1/dns-query#dns.test")]
    public async Task Check_SystemWithoutQuic_RefusesItWithItsPlace(string server)
    {
        var folder = Directory.CreateTempSubdirectory("dnsflow-test").FullName;
        try
        {
            var file = Path.Combine(folder, "quic.json");
            await File.WriteAllTextAsync(file, $$"""
                { "DnsFlow": { "Upstreams": { "default": {
                    "Servers": ["9.9.9.9", "{{server}}"]
                } } } }
                """);
            var (code, output) = await RunningProgram.RunWithoutQuicAsync("check", "-c", file);
            Assert.Equal(78, code);
            Assert.StartsWith($"quic.json:2: DnsFlow:Upstreams:default:Servers:1  '{server}' needs QUIC: QuicConnection.IsSupported is false, because ", output, StringComparison.Ordinal);
            Assert.Contains("1 error,", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(0, "version")]
    [InlineData(0, "--help")]
    [InlineData(2, "--no-such-flag")]
    [InlineData(2, "run", "-l")]
    [InlineData(78, "run", "-l", "nonsense", "--stats", "off")]
    public async Task ExitCode_AsDocumented(int expected, params string[] arguments)
    {
        var (code, output) = await RunningProgram.RunAsync(arguments);
        Assert.True(expected == code, $"{code}: {output}");
        Assert.NotEmpty(output);
    }

    [ToolFact("unshare", "getent", "curl", "mount", "sh")]
    public async Task SystemResolver_GetentAndCurl_ResolveThroughIt()
    {
        if (Environment.UserName != "root")
        {
            return;     // a mount namespace of one's own needs root
        }

        var folder = Directory.CreateTempSubdirectory("dnsflow-resolv").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "resolv.conf"), "nameserver 127.0.0.99\noptions timeout:2 attempts:1\n");
        using var web = new TcpListener(IPAddress.Loopback, 0);
        web.Start();
        var served = ServeOnceAsync(web);
        var configuration = Path.Combine(folder, "rules.json");
        await File.WriteAllTextAsync(configuration, """
            { "DnsFlow": { "QueryRules": [
                { "Name": "web", "When": { "Domains": ["web.example"] }, "Action": "answer", "Records": ["A 127.0.0.1"] },
                { "Name": "rest", "Action": "forward", "To": "default" } ] } }
            """);
        using var program = await RunningProgram.StartAsync("-l", "127.0.0.99:53", "-c", configuration);
        var port = ((IPEndPoint)web.LocalEndpoint).Port;
        var (code, output) = await ToolProcess.RunAsync("unshare", "-m", "sh", "-c",
            $"mount --bind {folder}/resolv.conf /etc/resolv.conf && getent hosts web.example && curl -s --noproxy '*' --max-time 5 http://web.example:{port}/");
        Assert.True(code == 0, output);
        Assert.Contains("web.example", output, StringComparison.Ordinal);
        Assert.Contains("through DnsFlow", output, StringComparison.Ordinal);
        await served;
        Directory.Delete(folder, recursive: true);
    }

    private static async Task ServeOnceAsync(TcpListener web)
    {
        using var client = await web.AcceptTcpClientAsync();
        var stream = client.GetStream();
        await stream.ReadAtLeastAsync(new byte[1024], 1);
        await stream.WriteAsync("HTTP/1.0 200 OK\r\nContent-Length: 15\r\n\r\nthrough DnsFlow"u8.ToArray());
    }

    private static async Task<byte[]> AskAsync(IPEndPoint endpoint, byte[] query)
    {
        using var client = new UdpClient();
        client.Connect(endpoint);
        await client.SendAsync(query);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return (await client.ReceiveAsync(patience.Token)).Buffer;
    }
}
