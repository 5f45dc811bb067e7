using System.Collections.Immutable;
using DnsFlow.Caching;
using DnsFlow.Copying;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Protocol;
using DnsFlow.Shards;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Transports.Tcp.Linux;
using DnsFlow.Upstreams;
using DnsFlow.Zones;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server;

/// <summary>The parts of a proxy between its start and its stop.</summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    private readonly ProxyOptions _options;
    private readonly MonotonicClock _clock;
    private readonly ILogger _logger;
    private readonly ListenerBinder _binder;
    private readonly DatagramPlane _datagrams;
    private readonly int _shards;
    private readonly MemoryPlan _memory;
    private readonly MemoryPool _streamMemory;
    private readonly ImmutableArray<TrafficCounters> _counters;
    private readonly StreamPoller? _poller = StreamPoller.Create();
    private StreamPlane? _streams;
    private UpstreamResilience? _resilience;
    private StatsAssembler? _stats;
    private ProxyPlan? _plan;

    /// <summary>Makes the parts; nothing is bound yet.</summary>
    public RunningProxy(ProxyOptions options, IDatagramNetwork network, MonotonicClock clock, ILogger logger)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
        _shards = MemoryPlan.ShardCount(options);
        _memory = MemoryPlan.Of(options);
        _streamMemory = new MemoryPool(_memory.Streams);
        _datagrams = new DatagramPlane(network, _shards);
        _binder = new ListenerBinder(options, _datagrams, logger);
        Cache = new ResponseCache(options.Cache, _shards);
        var listeners = _binder.Names.Count;
        _counters = [.. Enumerable.Range(0, _shards).Select(_ => new TrafficCounters(listeners, shared: false)), new TrafficCounters(listeners, shared: true)];
    }

    /// <summary>The response cache.</summary>
    public ResponseCache Cache { get; }

    /// <summary>The listeners' names by index.</summary>
    public IReadOnlyList<string> Listeners => _binder.Names;

    /// <summary>Binds the listeners or throws <see cref="ServerStartException"/>.</summary>
    public void Bind(InheritedSockets inherited)
        => _binder.Bind(inherited, new TcpBinding(_clock.Time, () => _streams?.CloseLongestIdle(), _poller));

    /// <summary>Whether an address is one of our own listeners, so that no query is sent there.</summary>
    public bool IsOwnListener(FlowEndpoint endpoint) => _binder.IsOwn(endpoint);

    /// <summary>Starts both planes on the bound listeners.</summary>
    public void Start(ProxyPlan plan, string version)
    {
        _plan = plan;
        _stats = new StatsAssembler(version, _clock.Time.GetUtcNow(), _binder.Names, _options.Limits.Memory, _memory, _streamMemory, _clock);
        _resilience = new UpstreamResilience(_clock, _logger, _options.Limits.InFlight);
        plan.Transfers.Start(_clock.Time, _logger);
        var reference = new PlanReference(plan.Forwarding);
        var limits = ShardLimits.Share(_options.Limits, _shards);
        _datagrams.Start(
            index => new ShardServices
            {
                Index = index,
                Network = _datagrams.Network,
                Clock = _clock,
                Plan = reference,
                Limits = limits,
                Cache = Cache,
                Resilience = _resilience,
                Counters = _counters[index],
                Logger = _logger,
            },
            _clock, _logger);
        _streams = new StreamPlane(
            new StreamServices
            {
                Plan = reference,
                Forwarders = [.. _datagrams.Shards.Select(shard => shard.Queue)],
                Clock = _clock,
                Limits = _options.Limits,
                Counters = _counters[^1],
                Memory = _streamMemory,
                Seed = Cache.Seed,
                Logger = _logger,
            },
            new StreamPasser(_clock.Time));
        foreach (var listener in _binder.StreamListeners)
        {
            _streams.Start(listener);
        }
    }

    /// <summary>Takes no new flow, answers what is in flight, closes everything.</summary>
    public async Task StopAsync(TimeSpan drain)
    {
        await _streams!.StopAsync(drain).ConfigureAwait(false);
        await _datagrams.StopAsync(drain).ConfigureAwait(false);
    }

    /// <summary>What was counted.</summary>
    public StatsSnapshot Snapshot() => _stats!.Assemble(_counters, _plan!, Cache, _datagrams.Shards, generation: 1);

    /// <summary>Whether each group has a server that is usable.</summary>
    public ReadinessReport Readiness() => new(
    [
        .. _binder.Missing, .. _plan!.Groups.Where(group => group.IsDown).Select(Describe),
        .. _plan.Lists.Lists.Where(list => list.Missing is not null).Select(list => $"list '{list.Name}': {list.Error}"),
    ]);

    /// <summary>What a person wants to know after the start.</summary>
    public ServerSummary Describe() => new()
    {
        Listeners = _binder.Bound,
        Upstreams = [.. _plan!.Groups.Select(group => new UpstreamSummary(group.Name, Servers(group)))],
        Zones = [.. _plan.Zones.Zones.Select(Summarize)],
        Warnings = [.. _binder.Missing, .. _plan.Groups.Where(group => group.Problem is not null).Select(Describe)],
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_streams is not null)
        {
            await _streams.DisposeAsync().ConfigureAwait(false);
        }

        await _binder.DisposeAsync().ConfigureAwait(false);
        _poller?.Dispose();
        _datagrams.Dispose();
        if (_resilience is not null)
        {
            _resilience.Dispose();
        }

        if (_plan is not null)
        {
            await _plan.Transfers.DisposeAsync().ConfigureAwait(false);
            _plan.Dispose();
        }

        Cache.Dispose();
    }

    private static ZoneSummary Summarize(Zone zone) => new(
        NameText.Print(zone.Apex), zone.NameCount, zone.FindNameWith(RecordType.A) is { } name ? NameText.Print(name) : null);

    private static string Describe(UpstreamGroup group) => $"upstream group '{group.Name}': {group.Problem ?? "no server answers"}";

    private static List<string> Servers(UpstreamGroup group)
    {
        var names = new List<string>();
        foreach (var server in group.Servers)
        {
            names.Add(server.Name);
        }

        return names;
    }
}
