using System.Net;
using System.Net.Sockets;
using DnsFlow.Limits;
using DnsFlow.Lists;
using DnsFlow.Policy;
using DnsFlow.Providers;
using DnsFlow.Server;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Transports.Udp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.TestKit;

/// <summary>A whole proxy on loopback sockets, from a configuration as a person would write it.</summary>
internal sealed class ProxyHarness : IAsyncDisposable
{
    private readonly DnsProxyServer _server;
    private readonly ChangingConfiguration _configuration;
    private readonly string _folder = Directory.CreateTempSubdirectory("dnsflow-test").FullName;

    private ProxyHarness(
        string json, TimeProvider time, FlowProvider provider, IDatagramNetwork network, string? zone, ILogger logger, IReadOnlyDictionary<string, string> files)
    {
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(_folder, name), text);
        }

        if (zone is not null)
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "zones")).FullName, "test.zone"), zone);
        }

        _configuration = new ChangingConfiguration(_folder, json);
        _server = new DnsProxyServer(
            _configuration, new PlanBuilder(QueryActionCatalog.BuiltIn, new ListStore(time, logger)), provider, network, InheritedSockets.None, time, logger);
    }

    /// <summary>Where the proxy listens, UDP and TCP.</summary>
    public IPEndPoint Endpoint => _server.Describe().Listeners[0].Endpoint;

    /// <summary>All addresses it listens on.</summary>
    public IEnumerable<IPEndPoint> Endpoints => _server.Describe().Listeners.Select(listener => listener.Endpoint);

    /// <summary>What it counted.</summary>
    public StatsSnapshot Stats => _server.Snapshot();

    /// <summary>Whether it could answer.</summary>
    public ReadinessReport Readiness => _server.Readiness();

    /// <summary>Starts a proxy. <paramref name="settings"/> is what stands inside <c>"DnsFlow": { }</c> beside a listener on a free port of 127.0.0.1.</summary>
    public static async Task<ProxyHarness> StartAsync(
        string settings, TimeProvider? time = null, FlowProvider? provider = null, IDatagramNetwork? network = null, string? zone = null,
        string listener = """{ "Endpoints": ["127.0.0.1:0"] }""", int shards = 1,
        ILogger? logger = null, IReadOnlyDictionary<string, string>? files = null)
    {
        var json = $$"""{ "DnsFlow": { "Shards": {{shards}}, "Listeners": { "local": {{listener}} }{{(settings.Length > 0 ? ", " : "")}}{{settings}} } }""";
        var harness = new ProxyHarness(
            json, time ?? TimeProvider.System, provider ?? new ForwardingProxyProvider(), network ?? UdpNetwork.Create(), zone, logger ?? NullLogger.Instance,
            files ?? new Dictionary<string, string>());
        await harness._server.StartAsync(CancellationToken.None);
        return harness;
    }

    /// <summary>The setting that forwards everything to some servers.</summary>
    public static string ForwardTo(params IEnumerable<IPEndPoint> servers)
        => $$"""  "Upstreams": { "default": { "Servers": [{{string.Join(", ", servers.Select(server => $"\"{server}\""))}}] } }  """;

    /// <summary>Asks over UDP, as a stub resolver with five seconds of patience.</summary>
    public async Task<byte[]> AskAsync(byte[] query)
    {
        using var client = new UdpClient(Endpoint.AddressFamily);
        client.Connect(Endpoint);
        await client.SendAsync(query);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return (await client.ReceiveAsync(patience.Token)).Buffer;
    }

    /// <summary>The folder of the configuration; its <c>zones</c> are served.</summary>
    public string Folder => _folder;

    /// <summary>Which configuration is in force.</summary>
    public ConfigurationStatus Configuration => _server.Configuration;

    /// <summary>The server itself.</summary>
    public IProxyServer Server => _server;

    /// <summary>Reloads with another configuration, a whole JSON document.</summary>
    public ValueTask<ReloadReport> ReloadAsync(string json)
    {
        _configuration.Json = json;
        return _server.ReloadAsync("test", CancellationToken.None);
    }

    /// <summary>Judges another configuration, a whole JSON document.</summary>
    public ValueTask<ReloadReport> CheckAsync(string json) => _server.CheckAsync(new ChangingConfiguration(_folder, json), CancellationToken.None);

    /// <summary>
    /// Waits until no answer is on its way out: one may be read before its writer notes that it is gone, and a clock that is set on meanwhile makes that a client who takes nothing.
    /// </summary>
    public Task WrittenAsync() => FlowsBecomeAsync(static flows => flows.All(static flow => flow.QueuedBytes == 0));

    /// <summary>Waits until the flows are as they should be.</summary>
    public async Task FlowsBecomeAsync(Func<IReadOnlyList<FlowReport>, bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition(await _server.FlowsAsync(patience.Token)))
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Stops the proxy and waits until it has drained.</summary>
    public async Task StopAsync() => await _server.StopAsync(ServerStopReason.Requested, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        if (Buffers.Faults > 0)
        {
            throw new InvalidOperationException($"{Buffers.Faults} buffers were returned twice or written to after their return.");
        }
    }
}
