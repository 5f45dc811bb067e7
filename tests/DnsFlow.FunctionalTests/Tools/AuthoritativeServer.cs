using System.Net;

namespace DnsFlow.FunctionalTests.Tools;

/// <summary>A real nsd on a loopback port with zones of ours.</summary>
internal sealed class AuthoritativeServer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-nsd").FullName;
    private ToolProcess? _process;

    public int Port { get; } = FreePort.Next();

    public IPEndPoint Endpoint => new(IPAddress.Loopback, Port);

    public static Task<AuthoritativeServer> StartAsync(string origin, string zone) => StartAsync([(origin, zone)]);

    /// <summary>Starts it with some zones; <paramref name="settings"/> stands in each zone's part of the configuration, <paramref name="keys"/> before them.</summary>
    public static async Task<AuthoritativeServer> StartAsync(IEnumerable<(string Origin, string Text)> zones, string settings = "", string keys = "", bool minimal = false)
    {
        var server = new AuthoritativeServer();
        var parts = new List<string>();
        foreach (var (origin, text) in zones)
        {
            await File.WriteAllTextAsync(server.FileOf(origin), text);
            parts.Add($"zone:\n    name: \"{origin}\"\n    zonefile: \"{server.FileOf(origin)}\"\n{settings}");
        }

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
                xfrdir: "{server._folder}"
                server-count: 1
                tcp-count: 100
                round-robin: no
                rrl-ratelimit: 0
                minimal-responses: {(minimal ? "yes" : "no")}
            remote-control:
                control-enable: no
            {keys}
            {string.Join('\n', parts)}
            """);
        server._process = ToolProcess.Start("nsd", ["-d", "-c", configuration]);
        await server._process.WaitForAsync("nsd started");
        return server;
    }

    /// <summary>The file of a zone: change it and call <see cref="ReloadAsync"/>.</summary>
    public string FileOf(string origin) => Path.Combine(_folder, $"zone-{origin.Trim('.')}");

    /// <summary>Makes it read its changed zone files.</summary>
    public async Task ReloadAsync() => await _process!.SignalAsync("HUP");

    public void Dispose()
    {
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
