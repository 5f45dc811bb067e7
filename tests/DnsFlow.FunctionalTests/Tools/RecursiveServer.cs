namespace DnsFlow.FunctionalTests.Tools;

/// <summary>A real unbound on a loopback port that knows some names by itself and asks nobody.</summary>
internal sealed class RecursiveServer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-unbound").FullName;
    private ToolProcess? _process;

    public int Port { get; } = FreePort.Next();

    public static async Task<RecursiveServer> StartAsync(params string[] localData)
    {
        var server = new RecursiveServer();
        var configuration = Path.Combine(server._folder, "unbound.conf");
        var data = string.Join('\n', localData.Select(record => $"    local-data: '{record}'"));
        await File.WriteAllTextAsync(configuration, $"""
            server:
                interface: 127.0.0.1@{server.Port}
                access-control: 127.0.0.0/8 allow
                do-daemonize: no
                username: ""
                chroot: ""
                directory: "{server._folder}"
                pidfile: ""
                use-syslog: no
                verbosity: 1
                module-config: "iterator"
                local-zone: "." static
            {data}
            remote-control:
                control-enable: no
            """);
        server._process = ToolProcess.Start("unbound", ["-d", "-c", configuration]);
        await server._process.WaitForAsync("start of service");
        return server;
    }

    public void Dispose()
    {
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
