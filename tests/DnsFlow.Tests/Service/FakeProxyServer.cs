using System.Net;
using DnsFlow.Clients;
using DnsFlow.Names;
using DnsFlow.Server;
using DnsFlow.Server.Explaining;
using DnsFlow.Server.Plans;
using DnsFlow.Telemetry;
using DnsFlow.Tests.Telemetry;

namespace DnsFlow.Tests.Service;

/// <summary>A server that only remembers what was asked of it.</summary>
internal sealed class FakeProxyServer : IProxyServer
{
    public List<string> Calls { get; } = [];

    public Func<CancellationToken, ValueTask> OnStart { get; set; } = _ => ValueTask.CompletedTask;

    public Func<StatsSnapshot> OnSnapshot { get; set; } = () => StatsCollector.Collect(PrometheusTextTests.Busy());

    public Func<ReadinessReport> OnReadiness { get; set; } = () => ReadinessReport.Ready;

    public ServerSummary Summary { get; set; } = new()
    {
        Listeners = [new ListenerSummary("local", new IPEndPoint(IPAddress.Loopback, 1053), ["udp", "tcp"])],
        Upstreams = [new UpstreamSummary("default", ["192.0.2.53:53"])],
        Zones = [new ZoneSummary("home.arpa", 12, "router.home.arpa")],
    };

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        Calls.Add("start");
        return OnStart(cancellationToken);
    }

    public ValueTask StopAsync(ServerStopReason reason, CancellationToken cancellationToken)
    {
        Calls.Add("stop " + reason);
        return ValueTask.CompletedTask;
    }

    public Func<string, ReloadReport> OnReload { get; set; } = _ => new ReloadReport { Generation = 2 };

    public Func<ConfigurationInput, ReloadReport> OnCheck { get; set; } = _ => new ReloadReport { Generation = 1 };

    public ConfigurationStatus Configuration { get; set; } = new() { Generation = 1 };

    public string ConfigurationDocument { get; set; } = """{ "DnsFlow": {} }""";

    public ValueTask<ReloadReport> ReloadAsync(string cause, CancellationToken cancellationToken)
    {
        Calls.Add("reload " + cause);
        return ValueTask.FromResult(OnReload(cause));
    }

    public ValueTask<ReloadReport> CheckAsync(IProxyConfigurationSource candidate, CancellationToken cancellationToken)
        => ValueTask.FromResult(OnCheck(candidate.Load()));

    public StatsSnapshot Snapshot() => OnSnapshot();

    public ReadinessReport Readiness() => OnReadiness();

    public Func<ExplainQuestion, Explanation?> OnExplain { get; set; } = _ => null;

    public Explanation? Explain(ExplainQuestion question) => OnExplain(question);

    public IReadOnlyList<PauseStats> Pauses { get; set; } = [];

    public Func<string, ClientReference?, TimeSpan, string?> OnPause { get; set; } = (_, _, _) => null;

    public string? Pause(string name, ClientReference? client, TimeSpan time)
    {
        Calls.Add($"pause {name} {client} {time}");
        return OnPause(name, client, time);
    }

    public bool EndPause(string name, ClientReference? client)
    {
        Calls.Add($"end pause {name} {client}");
        return Pauses.Any(pause => pause.Name == name);
    }

    public IReadOnlyList<FlowReport> Flows { get; set; } = [];

    public Task<IReadOnlyList<FlowReport>> FlowsAsync(CancellationToken cancellationToken) => Task.FromResult(Flows);

    public Task<bool> CloseFlowAsync(string id, CancellationToken cancellationToken) => Task.FromResult(Flows.Any(flow => flow.Id == id));

    public Task<long> FlushCacheAsync(NamePattern? names, CancellationToken cancellationToken)
    {
        Calls.Add($"flush {names?.Text}");
        return Task.FromResult(3L);
    }

    public IReadOnlyList<string>? Queries { get; set; }

    public IReadOnlyList<string>? LastQueries(int max) => Queries?.Take(max).ToList();

    public IReadOnlyList<RuleReport> DescribeRules() => [new RuleReport("query", 0, "ads", "block", 7, [])];

    public ServerSummary Describe() => Summary;
}
