using System.Reflection;
using DnsFlow.Clients;
using DnsFlow.Limits;
using DnsFlow.Lists;
using DnsFlow.Names;
using DnsFlow.Providers;
using DnsFlow.Server.Explaining;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Server.QueryLogs;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server;

/// <summary>
/// The proxy from its start to its stop: one thing is done to it at a time, and what it is asked is answered by what runs, or by what is left of it. What a
/// configuration does to it is <see cref="ConfigurationControl"/>'s.
/// </summary>
internal sealed partial class DnsProxyServer : IProxyServer, IAsyncDisposable
{
    /// <summary>How long a stop waits for what is in flight.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(3);

    private readonly IProxyConfigurationSource _source;
    private readonly ConfigurationControl _configuration;
    private readonly ListStore _lists;
    private readonly FlowProvider _provider;
    private readonly IDatagramNetwork _network;
    private readonly InheritedSockets _inherited;
    private readonly ILogger _logger;
    private readonly MonotonicClock _clock;
    private readonly PauseControl _pauses;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _reading = new();
    private RunningProxy? _running;
    private BackgroundTask? _refreshing;
    private StoppedProxy? _stopped;
    private volatile bool _isStopping;

    /// <summary>Makes a server that does nothing yet.</summary>
    public DnsProxyServer(
        IProxyConfigurationSource configuration, PlanBuilder planBuilder, FlowProvider provider, IDatagramNetwork network, InheritedSockets inherited,
        TimeProvider time, ILogger logger)
    {
        _source = configuration;
        _lists = planBuilder.Lists;
        _provider = provider;
        _network = network;
        _inherited = inherited;
        _logger = logger;
        _clock = new MonotonicClock(time);
        _pauses = new PauseControl(_clock);
        _configuration = new ConfigurationControl(planBuilder, provider, _pauses, _clock, logger);
    }

    /// <summary>The version of this library.</summary>
    public static string Version { get; } =
        typeof(DnsProxyServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <inheritdoc/>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_running is null)
            {
                await StartOnceAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask StopAsync(ServerStopReason reason, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_running is { } running)
            {
                _isStopping = true;
                await StopRefreshingAsync().ConfigureAwait(false);
                await running.StopAsync(DrainTime).ConfigureAwait(false);
                await _provider.StopProxyAsync(ProviderStopReason.HostStopped, cancellationToken).ConfigureAwait(false);
                var stopped = Keep(running);
                Log.Stopped(_logger, reason, stopped.Snapshot.Queries.Total);
                await running.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReloadReport> ReloadAsync(string cause, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _configuration.ReloadAsync(_running, _source, cause).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReloadReport> CheckAsync(IProxyConfigurationSource candidate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _configuration.CheckAsync(_running, candidate).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public ConfigurationStatus Configuration => _configuration.Status;

    /// <inheritdoc/>
    public string ConfigurationDocument => _configuration.Document;

    /// <inheritdoc/>
    public StatsSnapshot Snapshot()
    {
        lock (_reading)
        {
            return _running is { } running ? Snapshot(running) : Stopped.Snapshot;
        }
    }

    /// <inheritdoc/>
    public ReadinessReport Readiness()
    {
        lock (_reading)
        {
            return _isStopping ? new ReadinessReport(["the proxy is stopping"])
                : _running?.Describe().Readiness ?? new ReadinessReport(["the proxy is not running"]);
        }
    }

    /// <inheritdoc/>
    public Explanation? Explain(ExplainQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        lock (_reading)
        {
            return _running?.Explain(question);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PauseStats> Pauses => _pauses.All;

    /// <inheritdoc/>
    public string? Pause(string name, ClientReference? clients, TimeSpan time)
    {
        var problem = _pauses.Begin(name, clients, time);
        if (problem is null)
        {
            Log.Paused(_logger, name, clients?.ToString() ?? "everybody", (long)time.TotalSeconds);
        }

        return problem;
    }

    /// <inheritdoc/>
    public bool EndPause(string name, ClientReference? clients)
    {
        var ended = _pauses.End(name, clients);
        if (ended)
        {
            Log.PauseEnded(_logger, name);
        }

        return ended;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<FlowReport>> FlowsAsync(CancellationToken cancellationToken) => WhileRunningAsync(running => running.FlowsAsync(cancellationToken), [], cancellationToken);

    /// <inheritdoc/>
    public Task<bool> CloseFlowAsync(string id, CancellationToken cancellationToken)
        => WhileRunningAsync(running => running.CloseFlowAsync(id, cancellationToken), false, cancellationToken);

    /// <inheritdoc/>
    public async Task<long> FlushCacheAsync(NamePattern? names, CancellationToken cancellationToken)
    {
        var removed = await WhileRunningAsync(running => running.FlushCacheAsync(names, cancellationToken), 0L, cancellationToken).ConfigureAwait(false);
        Log.Flushed(_logger, removed);
        return removed;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string>? LastQueries(int max)
    {
        lock (_reading)
        {
            return _running is { QueryLog: { } log, StartOptions.Stats.QueryLog.Sink: QueryLogOptions.Memory } ? log.Last(max) : null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<RuleReport> DescribeRules()
    {
        lock (_reading)
        {
            return _running?.Describe().Rules(_pauses.All) ?? [];
        }
    }

    /// <inheritdoc/>
    public ServerSummary Describe()
    {
        lock (_reading)
        {
            return _running?.Describe().Summary ?? Stopped.Summary;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(ServerStopReason.Requested, CancellationToken.None).ConfigureAwait(false);
        _configuration.Dispose();
        _gate.Dispose();
    }

    private StoppedProxy Stopped => _stopped ?? throw new InvalidOperationException("The proxy has not run yet.");

    /// <summary>
    /// Statistics outlive what they were counted in: the HTTP interface, the meter and the watchdog go on reading until the process ends.
    /// Nobody reads the running proxy any more once this returned, and it may be disposed of.
    /// </summary>
    private StoppedProxy Keep(RunningProxy running)
    {
        lock (_reading)
        {
            _stopped = new StoppedProxy(Snapshot(running), running.Describe().Summary);
            _running = null;
            _isStopping = false;
            return _stopped;
        }
    }

    private async ValueTask StartOnceAsync(CancellationToken cancellationToken)
    {
        var running = await _configuration.StartAsync(_source, options => new RunningProxy(options, _network, _clock, _logger), _inherited, cancellationToken).ConfigureAwait(false);
        _refreshing = new BackgroundTask(_lists.RunAsync);
        lock (_reading)
        {
            _running = running;
        }
    }

    // Shards are asked one by one, and answer: not while they are stopped or exchanged.
    private async Task<T> WhileRunningAsync<T>(Func<RunningProxy, Task<T>> ask, T otherwise, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _running is { } running ? await ask(running).ConfigureAwait(false) : otherwise;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask StopRefreshingAsync()
    {
        if (_refreshing is { } refreshing)
        {
            _refreshing = null;
            await refreshing.DisposeAsync().ConfigureAwait(false);
        }
    }

    private StatsSnapshot Snapshot(RunningProxy running)
    {
        var status = _configuration.Status;
        return running.Snapshot(status.Generation, new ReloadStats(status.Applied, status.Refused)) with { Pauses = _pauses.All };
    }

    private sealed record StoppedProxy(StatsSnapshot Snapshot, ServerSummary Summary);

    private static partial class Log
    {
        [LoggerMessage(700, LogLevel.Information, "Stopped ({Reason}) after {Queries} queries.")]
        public static partial void Stopped(ILogger logger, ServerStopReason reason, long queries);

        [LoggerMessage(713, LogLevel.Information, "'{Name}' is paused for {Clients}, for {Seconds} s.")]
        public static partial void Paused(ILogger logger, string name, string clients, long seconds);

        [LoggerMessage(715, LogLevel.Information, "{Removed} cached responses were flushed.")]
        public static partial void Flushed(ILogger logger, long removed);

        [LoggerMessage(714, LogLevel.Information, "The pause of '{Name}' was ended.")]
        public static partial void PauseEnded(ILogger logger, string name);
    }
}
