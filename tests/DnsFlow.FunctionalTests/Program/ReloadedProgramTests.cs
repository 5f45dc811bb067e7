using System.Net.Sockets;
using DnsFlow.FunctionalTests.Tools;
using DnsFlow.TestKit;

namespace DnsFlow.FunctionalTests.Program;

/// <summary>The program while its configuration is changed by those who do that: an editor, a signal, Kubernetes.</summary>
public sealed class ReloadedProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-reload").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Run_FileIsReplaced_ReadsItAnew()
    {
        var file = Write("dnsflow.json", Answering(1));
        using var program = await RunningProgram.StartAsync("-l", "127.0.0.1:0", "-c", file);
        Assert.Equal("192.0.2.1", await AskAsync(program));

        File.Move(Write("next", Answering(2)), file, overwrite: true);
        await program.WaitForAsync("Configuration 2 is in force (a file has changed");
        Assert.Equal("192.0.2.2", await AskAsync(program));

        await File.WriteAllTextAsync(file, "{ \"DnsFlow\": { \"QueryRule\": [] } }");
        await program.WaitForAsync("2 stays in force. dnsflow.json:1: DnsFlow:QueryRule  unknown key; did you mean 'QueryRules'?");
        Assert.Equal("192.0.2.2", await AskAsync(program));
    }

    [ToolFact("ln", "mv")]
    public async Task Run_LinkIsTurnedAsKubernetesDoes_ReadsTheOtherFile()
    {
        foreach (var number in (int[])[1, 2])
        {
            Directory.CreateDirectory(Path.Combine(_folder, $"..{number}"));
            Write($"..{number}/dnsflow.json", Answering(number));
        }

        File.CreateSymbolicLink(Path.Combine(_folder, "..data"), "..1");
        File.CreateSymbolicLink(Path.Combine(_folder, "dnsflow.json"), "..data/dnsflow.json");
        using var program = await RunningProgram.StartAsync("-l", "127.0.0.1:0", "-c", Path.Combine(_folder, "dnsflow.json"));
        Assert.Equal("192.0.2.1", await AskAsync(program));

        File.CreateSymbolicLink(Path.Combine(_folder, "..data_tmp"), "..2");
        await ToolProcess.RunAsync("mv", "-T", Path.Combine(_folder, "..data_tmp"), Path.Combine(_folder, "..data"));
        await program.WaitForAsync("Configuration 2 is in force (a file has changed");
        Assert.Equal("192.0.2.2", await AskAsync(program));
    }

    [Fact]
    public async Task Run_Sighup_ReloadsAndTellsTheServiceManager()
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var path = Path.Combine(_folder, "notify");
        manager.Bind(new UnixDomainSocketEndPoint(path));
        var file = Write("dnsflow.json", Answering(1, """ "ReloadOnChange": false, """));
        using var program = await RunningProgram.StartSupervisedAsync(path, TimeSpan.FromSeconds(30), "-l", "127.0.0.1:0", "-c", file);
        await SupervisedTests.UntilAsync(manager, "READY=1");
        Write("dnsflow.json", Answering(2, """ "ReloadOnChange": false, """));

        await program.SignalAsync("HUP");

        await SupervisedTests.UntilAsync(manager, "RELOADING=1\nMONOTONIC_USEC=");
        await SupervisedTests.UntilAsync(manager, "READY=1");
        Assert.Equal("192.0.2.2", await AskAsync(program));

        // By its control socket, as the unit's ExecReload does.
        var socket = Path.Combine(_folder, "control.sock");
        var next = Write("dnsflow.json", Answering(3, """ "ReloadOnChange": false, """));
        var (code, output) = await RunningProgram.RunAsync("check", "--against", "running", "--socket", socket, "-l", "127.0.0.1:0", "-c", next);
        Assert.Contains("~ QueryRules 'a'           Records [A 192.0.2.2] -> [A 192.0.2.3]", output, StringComparison.Ordinal);
        Assert.Contains("cache kept", output, StringComparison.Ordinal);
        Assert.Equal(1, code);
        Assert.Equal("192.0.2.2", await AskAsync(program));
        (code, output) = await RunningProgram.RunAsync("reload", "--socket", socket);
        Assert.True(code == 0, output);
        Assert.Equal("192.0.2.3", await AskAsync(program));
        Write("dnsflow.json", """{ "DnsFlow": { "Shards": "x" } }""");
        (code, output) = await RunningProgram.RunAsync("reload", "--socket", socket);
        Assert.Equal(78, code);
        Assert.Contains("dnsflow.json:1: DnsFlow:Shards", output, StringComparison.Ordinal);
        Assert.Equal(0, await program.TerminateAsync());
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static string Answering(int number, string more = "") => $$"""
        { "DnsFlow": { {{more}} "QueryRules": [
            { "Name": "a", "When": { "Domains": ["www.example"] }, "Action": "answer", "Records": ["A 192.0.2.{{number}}"] },
            { "Name": "rest", "Action": "refuse" } ] } }
        """;

    private static async Task<string?> AskAsync(RunningProgram program)
    {
        using var client = new UdpClient();
        client.Connect(program.Endpoint);
        await client.SendAsync(Wire.Query("www.example"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return Wire.FirstAddress((await client.ReceiveAsync(patience.Token)).Buffer);
    }
}
