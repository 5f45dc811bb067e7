using System.Net;

namespace DnsFlow.FunctionalTests.Tools;

/// <summary>A real nsd on a loopback port with one zone.</summary>
internal sealed class AuthoritativeServer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-nsd").FullName;
    private ToolProcess? _process;

    public int Port { get; } = FreePort.Next();

    public IPEndPoint Endpoint => new(IPAddress.Loopback, Port);

    public static async Task<AuthoritativeServer> StartAsync(string origin, string zone)
    {
        var server = new AuthoritativeServer();
        await File.WriteAllTextAsync(Path.Combine(server._folder, "zone"), zone);
        var configuration = Path.Combine(server._folder, "nsd.conf");
        await File.WriteAllTextAsync(configuration, $"""
            server:
                ip-address: 127.0.0.1@{server.Port}
                username: ""
                zonesdir: "{server._folder}"
                database: ""
                pidfile: "{server._folder}/nsd.pid"
                xfrdfile: "{server._folder}/xfrd.state"
                zonelistfile: "{server._folder}/zone.list"
                server-count: 1
                tcp-count: 100
                round-robin: no
                rrl-ratelimit: 0
            remote-control:
                control-enable: no
            zone:
                name: "{origin}"
                zonefile: "zone"
            """);
        server._process = ToolProcess.Start("nsd", ["-d", "-c", configuration]);
        await server._process.WaitForAsync("nsd started");
        return server;
    }

    public void Dispose()
    {
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
