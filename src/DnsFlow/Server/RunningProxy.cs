using System.Collections.Immutable;
using DnsFlow.Caching;
using DnsFlow.Copying;
using DnsFlow.Flows;
using DnsFlow.Limits;
using DnsFlow.Names;
using DnsFlow.Server.Explaining;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Server.QueryLogs;
using DnsFlow.Shards;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using DnsFlow.Transports.Https;
using DnsFlow.Transports.Tcp.Linux;
using DnsFlow.Transports.Tls;
using DnsFlow.Upstreams;
using DnsFlow.Upstreams.Attempts;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server;

/// <summary>The parts of a proxy between its start and its stop. What a configuration changes is exchanged by <see cref="ChangeAsync"/>, the rest stays.</summary>
internal sealed partial class RunningProxy : IAsyncDisposable
{
    /// <summary>How many names of listeners may come by reloads; counters have rows for them from the start.</summary>
    public const int SpareListeners = 16;

    private readonly ProxyOptions _options;
    private readonly MonotonicClock _clock;
    private readonly ILogger _logger;
    private readonly ListenerBinder _binder;
    private readonly DatagramPlane _datagrams;
    private readonly int _shards;
    private readonly MemoryPlan _memory;
    private readonly MemoryPool _streamMemory;
    private readonly int _maxListeners;
    private readonly ImmutableArray<TrafficCounters> _counters;
    private readonly NetworkWatch _watch;
    private readonly StreamPoller? _poller = StreamPoller.Create();
    private readonly HttpsServer _https;
    private volatile ListenerSet _listeners = ListenerSet.Empty;
    private volatile ListenerSet? _next;
    private volatile ProxyPlan? _plan;
    private readonly LogPace _faultPace;
    private StreamPlane? _streams;
    private UpstreamResilience? _resilience;
    private StatsAssembler? _stats;
    private DetourRunner? _detours;
    private PlanReference? _reference;

    /// <summary>Makes the parts; nothing is bound yet.</summary>
    public RunningProxy(ProxyOptions options, IDatagramNetwork network, MonotonicClock clock, ILogger logger)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
        _shards = MemoryPlan.ShardCount(options);
        _memory = MemoryPlan.Of(options);
        _streamMemory = new MemoryPool(_memory.Streams);
        _datagrams = new DatagramPlane(network, _shards, clock.Time);
        _faultPace = new LogPace(clock.Time);
        _https = new HttpsServer(new HttpsLimits(Math.Min(100, options.Limits.PerFlow.InFlight), options.Limits.TcpIdle), clock.Time, _streamMemory, () => _counters![^1].Shed(ShedReason.Memory), OnHttpsFault);
        _binder = new ListenerBinder(_datagrams, new TcpBinding(clock.Time, () => _streams?.CloseLongestIdle(), () => _counters![^1].Ignored(IgnoredReason.ProxyHeader), _poller, _https), logger);
        Cache = new ResponseCache(options.Cache, _shards);
        _watch = new NetworkWatch(clock, logger);
        _watch.Changed += OnNetworkChanged;
        Upstreams = new UpstreamRegistry(IsOwn, options.Limits.InFlightPerGroup, logger, _watch);
        _maxListeners = options.Listeners.Count + SpareListeners;
        _counters = [.. Enumerable.Range(0, _shards).Select(_ => new TrafficCounters(_maxListeners, shared: false)), new TrafficCounters(_maxListeners, shared: true)];
    }

    /// <summary>The options of the start; what only a start sets is in force from here.</summary>
    public ProxyOptions StartOptions => _options;

    /// <summary>The response cache.</summary>
    public ResponseCache Cache { get; }

    /// <summary>Keeps the cache from a stop to the next start; null = nobody wants that.</summary>
    public SavedCache? SavedCache { get; set; }

    /// <summary>The servers that are known.</summary>
    public UpstreamRegistry Upstreams { get; }

    /// <summary>The query log; null = none.</summary>
    public QueryLog? QueryLog { get; private set; }

    /// <summary>What is listened on.</summary>
    public ListenerSet Listeners => _listeners;

    /// <summary>The plan in force.</summary>
    public ProxyPlan? Plan => _plan;

    /// <summary>The groups of the plan in force.</summary>
    public ImmutableArray<UpstreamGroup> Groups => _plan is { } plan ? [.. plan.Groups, plan.Forwarding.SystemGroup] : [];

    /// <summary>Binds the listeners or throws <see cref="ServerStartException"/>.</summary>
    public async Task BindAsync(IReadOnlyDictionary<string, TlsServer> encryption, InheritedSockets inherited)
        => _listeners = await _binder.BindAsync(_options, encryption, inherited).ConfigureAwait(false);

    /// <summary>Begins the query log, if one is wanted; file names are relative to <paramref name="baseFolder"/>.</summary>
    public void OpenLog(string baseFolder) => QueryLog = QueryLog.Create(_options.Stats.QueryLog, _options.Stats.Privacy, baseFolder, _clock, _logger);

    /// <summary>Binds what other options want beside what is there; see <see cref="ListenerBinder.PrepareAsync"/>.</summary>
    public async Task<ListenerChange> PrepareAsync(ProxyOptions options, IReadOnlyDictionary<string, TlsServer> encryption)
    {
        var change = await _binder.PrepareAsync(options, encryption, _listeners, _maxListeners).ConfigureAwait(false);
        _next = change.Next;
        return change;
    }

    /// <summary>The change that was prepared does not come.</summary>
    public Task UndoAsync()
    {
        _next = null;
        return _binder.UndoAsync();
    }

    /// <summary>Starts both planes on the bound listeners.</summary>
    public async Task StartAsync(ProxyPlan plan, string version)
    {
        _plan = plan;
        SavedCache?.Load(Groups);
        _stats = new StatsAssembler(version, _clock.Time.GetUtcNow(), _options.Limits.Memory, _memory, _streamMemory, _clock);
        _resilience = new UpstreamResilience(_clock, _logger, _options.Limits.InFlight, connections: UpstreamConnections.Create(_clock, IsOwn, _logger));
        _resilience.Prepare(plan.Groups, plan.Bootstrap);
        plan.Transfers.Start(_clock.Time, _logger);
        var detours = _detours = new DetourRunner(_clock, Cache.Seed, _logger);
        _reference = new PlanReference(plan.Forwarding);
        var limits = ShardLimits.Share(_options.Limits, _shards);
        _datagrams.Start(
            index => new ShardServices
            {
                Index = index,
                Network = _datagrams.Network,
                Clock = _clock,
                Plan = _reference,
                Limits = limits,
                CoalesceMicroseconds = _options.CoalesceMicroseconds,
                Cache = Cache,
                Resilience = _resilience,
                Detours = detours,
                Counters = _counters[index],
                Logger = _logger,
            },
            _clock, _logger);
        detours.Forwarders = [.. _datagrams.Shards.Select(shard => shard.Queue)];
        _streams = new StreamPlane(
            new StreamServices
            {
                Plan = _reference,
                Forwarders = detours.Forwarders,
                Detours = detours,
                Clock = _clock,
                Limits = _options.Limits,
                Counters = _counters[^1],
                Memory = _streamMemory,
                Seed = Cache.Seed,
                Logger = _logger,
            },
            new StreamPasser(_clock.Time));
        await StartHttpsAsync(_listeners).ConfigureAwait(false);
        StartStreams(_listeners);
    }

    /// <summary>
    /// Puts another plan in force. The one moment of the change is the exchange of the reference: each batch and each message is decided by
    /// one plan alone. Then new addresses are listened on and old ones given up; what came by them is still answered.
    /// </summary>
    public async Task ChangeAsync(ProxyPlan plan, ListenerChange change)
    {
        var before = _plan!;
        await StartHttpsAsync(change.Next).ConfigureAwait(false);
        foreach (var bound in change.Next.Bound)
        {
            if (bound.Streams is { } streams)
            {
                (streams.Listener, streams.Protocol) = (bound.Wanted.Listener, bound.Protocol!);
                streams.Proxies = Proxies(plan, bound);
            }
        }

        _listeners = change.Next;
        _next = null;
        _plan = plan;
        _resilience!.Prepare(plan.Groups, plan.Bootstrap);
        _reference!.Current = plan.Forwarding;
        plan.Transfers.Start(_clock.Time, _logger);
        await _datagrams.PublishAsync().ConfigureAwait(false);
        foreach (var listener in change.NewStreams)
        {
            _streams!.Start(listener);
        }

        foreach (var address in change.OldDatagrams)
        {
            await _datagrams.CloseAsync(address).ConfigureAwait(false);
        }

        foreach (var listener in change.OldStreams)
        {
            await _streams!.EndAsync(listener).ConfigureAwait(false);
        }

        await _datagrams.TurnOverAsync().ConfigureAwait(false);
        before.DisposeExcept(plan);
        await before.Transfers.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Takes no new flow, answers what is in flight, closes everything.</summary>
    public async Task StopAsync(TimeSpan drain)
    {
        await _streams!.StopAsync(drain).ConfigureAwait(false);
        await _https.StopAsync(drain).ConfigureAwait(false);
        await _datagrams.StopAsync(drain).ConfigureAwait(false);
        await CloseLogAsync().ConfigureAwait(false);
        SavedCache?.Save(Groups);
    }

    /// <summary>What was counted.</summary>
    public StatsSnapshot Snapshot(int generation, ReloadStats reloads)
        => _stats!.Assemble(_counters, _listeners.Names, _plan!, Cache, _datagrams.Shards, generation, reloads, _detours!, QueryLog?.Queue);

    /// <summary>The flows that have not ended, as far as they are listed.</summary>
    public Task<IReadOnlyList<FlowReport>> FlowsAsync(CancellationToken cancellationToken) => Flows.ListAsync(_plan!, _listeners.Names, cancellationToken);

    /// <summary>Ends a flow; false when there is none of this id.</summary>
    public Task<bool> CloseFlowAsync(string id, CancellationToken cancellationToken) => Flows.CloseAsync(id, cancellationToken);

    /// <summary>Forgets the cached responses of some names, null = all, and returns how many.</summary>
    public async Task<long> FlushCacheAsync(NamePattern? names, CancellationToken cancellationToken)
    {
        if (names is null or { IsEverything: true })
        {
            var all = Cache.Statistics.Entries;
            Cache.Flush();
            return all;
        }

        var flushings = await _datagrams.RunAsync(() => new CacheFlushing(names)).ConfigureAwait(false);
        return (await Task.WhenAll(flushings.Select(static flushing => flushing.Removed)).WaitAsync(cancellationToken).ConfigureAwait(false)).Sum();
    }

    /// <summary>What would become of a query.</summary>
    public Explanation Explain(ExplainQuestion question)
        => new Explainer(_plan!, _listeners.Names, _clock.Time, Cache).Explain(question, _clock.Now);

    /// <summary>What there is to tell of the proxy as it is now.</summary>
    public ProxyDescription Describe() => new(_plan!, _listeners);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        if (_streams is not null)
        {
            await _streams.DisposeAsync().ConfigureAwait(false);
        }

        await _https.DisposeAsync().ConfigureAwait(false);
        await CloseLogAsync().ConfigureAwait(false);
        await _binder.UndoAsync().ConfigureAwait(false);
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

    private bool IsOwn(FlowEndpoint endpoint) => _listeners.IsOwn(endpoint) || _next?.IsOwn(endpoint) == true;

    private void OnNetworkChanged()
    {
        foreach (var group in Groups)
        {
            group.OnNetworkChanged(_clock.Now);
        }

        var isGone = NetworkWatch.FindGone();
        _resilience?.Connections?.OnNetworkChanged(isGone);
        _datagrams.OnNetworkChanged(isGone);
    }

    private void StartStreams(ListenerSet listeners)
    {
        foreach (var bound in listeners.Bound)
        {
            if (bound.Streams is { } listener)
            {
                listener.Proxies = Proxies(_plan!, bound);
                _streams!.Start(listener);
            }
        }
    }

    private void OnHttpsFault(string problem)
    {
        _counters[^1].Ignored(IgnoredReason.HttpProtocol);
        if (_faultPace.TryTake())
        {
            Log.HttpsFault(_logger, problem);
        }
    }

    private static NetworkSet? Proxies(ProxyPlan plan, BoundListener bound)
        => plan.Forwarding.Proxies.IsEmpty ? null : plan.Forwarding.Proxies[bound.Wanted.Listener];

    private Task StartHttpsAsync(ListenerSet listeners)
        => listeners.Bound.Any(static bound => bound.Protocol is HttpsProtocol) ? _https.StartAsync() : Task.CompletedTask;

    // What is decided from now on finds the queue, and nobody who empties it.
    private async Task CloseLogAsync()
    {
        if (QueryLog is { } log)
        {
            QueryLog = null;
            await log.DisposeAsync().ConfigureAwait(false);
        }
    }

    private FlowLister Flows => new(_datagrams, _streams!, _clock, _options.Stats.Privacy);

    private static partial class Log
    {
        [LoggerMessage(716, LogLevel.Warning, "An HTTPS connection was ended for breaking the protocol (said at most every ten seconds): {Problem}")]
        public static partial void HttpsFault(ILogger logger, string problem);
    }
}
