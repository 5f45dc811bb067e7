using System.Reflection;
using DnsFlow.Clients;
using DnsFlow.Limits;
using DnsFlow.Names;
using DnsFlow.Policy;
using DnsFlow.Providers;
using DnsFlow.Server.Explaining;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Server.QueryLogs;
using DnsFlow.Settings;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server;

/// <summary>
/// The proxy: binds the listeners, compiles the plan, starts the provider and both planes, exchanges the plan while it runs, and stops everything in
/// the reverse order. What starts and fails is undone.
/// </summary>
internal sealed partial class DnsProxyServer : IProxyServer, IAsyncDisposable
{
    /// <summary>How long a stop waits for what is in flight.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(3);

    private readonly IProxyConfigurationSource _configuration;
    private readonly FlowProvider _provider;
    private readonly IDatagramNetwork _network;
    private readonly InheritedSockets _inherited;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MonotonicClock _clock;
    private readonly PlanBuilder _planBuilder;
    private readonly NeighbourTable _neighbours;
    private readonly PauseControl _pauses;
    private readonly EncryptionLoader _encryption;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _reading = new();
    private RunningProxy? _running;
    private BackgroundTask? _refreshing;
    private StoppedProxy? _stopped;
    private volatile ProxyOptions _options = new();
    private volatile ConfigurationStatus _status = new();
    private volatile bool _isStopping;

    /// <summary>Makes a server that does nothing yet.</summary>
    public DnsProxyServer(
        IProxyConfigurationSource configuration, PlanBuilder planBuilder, FlowProvider provider, IDatagramNetwork network, InheritedSockets inherited,
        TimeProvider time, ILogger logger)
    {
        _configuration = configuration;
        _planBuilder = planBuilder;
        _provider = provider;
        _network = network;
        _inherited = inherited;
        _time = time;
        _logger = logger;
        _clock = new MonotonicClock(time);
        _neighbours = new NeighbourTable(time);
        _pauses = new PauseControl(_clock);
        _encryption = new EncryptionLoader(time, logger);
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
            var report = await ChangeAsync(_configuration, applies: true).ConfigureAwait(false);
            _status = _status.After(report, cause, _time.GetUtcNow());
            Tell(report, cause);
            return report;
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
            return await ChangeAsync(candidate, applies: false).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public ConfigurationStatus Configuration => _status;

    /// <inheritdoc/>
    public string ConfigurationDocument => SettingsDocument.Write("DnsFlow", _options.Tree);

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
                : _running?.Readiness() ?? new ReadinessReport(["the proxy is not running"]);
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
            return _running?.Rules(_pauses.All) ?? [];
        }
    }

    /// <inheritdoc/>
    public ServerSummary Describe()
    {
        lock (_reading)
        {
            return _running?.Describe() ?? Stopped.Summary;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(ServerStopReason.Requested, CancellationToken.None).ConfigureAwait(false);
        _neighbours.Dispose();
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
            _stopped = new StoppedProxy(Snapshot(running), running.Describe());
            _running = null;
            _isStopping = false;
            return _stopped;
        }
    }

    private async ValueTask StartOnceAsync(CancellationToken cancellationToken)
    {
        var candidate = Candidate.Load(_configuration, _planBuilder);
        var encryption = _encryption.Load(candidate, makesFiles: true);
        if (candidate.Errors.Any)
        {
            throw Refused(candidate.Errors);
        }

        var running = new RunningProxy(candidate.Options, _network, _clock, _logger);
        try
        {
            await running.BindAsync(encryption, _inherited).ConfigureAwait(false);
            running.OpenLog(candidate.BaseFolder);
            var plan = _planBuilder.Build(candidate.Options, Inputs(running, candidate.BaseFolder, running.Listeners), candidate.Errors) ?? throw Refused(candidate.Errors);
            GiveRules(plan);
            _pauses.Apply(plan);
            await _provider.StartProxyAsync(cancellationToken).ConfigureAwait(false);
            if (candidate.Options.Cache.File is { Length: > 0 } file)
            {
                running.SavedCache = new SavedCache(Path.Combine(candidate.BaseFolder, file), running.Cache, candidate.Options.Cache.MaxBytes, _clock, _logger);
            }

            await running.StartAsync(plan, Version).ConfigureAwait(false);
            _planBuilder.Lists.Activate(plan.Lists);
            _refreshing = new BackgroundTask(_planBuilder.Lists.RunAsync);
        }
        catch
        {
            await running.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _options = candidate.Options;
        _status = new ConfigurationStatus { Generation = 1, Since = _time.GetUtcNow() };
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

    private async ValueTask<ReloadReport> ChangeAsync(IProxyConfigurationSource source, bool applies)
    {
        if (_running is not { } running)
        {
            return ReloadReport.Refused(_status.Generation, "the proxy is not running");
        }

        var candidate = Candidate.Load(source, _planBuilder);
        var report = await new Reload(running, _options, _planBuilder, _encryption, (folder, next) => Inputs(running, folder, next)).RunAsync(candidate, _status.Generation, applies, TakeOver).ConfigureAwait(false);
        if (applies && report.IsApplied)
        {
            _options = candidate.Options;
        }

        return report;
    }

    private void Tell(ReloadReport report, string cause)
    {
        if (!report.IsApplied)
        {
            Log.Refused(_logger, cause, report.Errors.Count, report.Generation, report.Errors[0]);
            return;
        }

        Log.Applied(_logger, report.Generation, cause, report.Changes.Count);
        foreach (var change in report.Changes.Where(static change => change.NeedsRestart))
        {
            Log.NeedsRestart(_logger, change.Subject, change.Key);
        }
    }

    private StatsSnapshot Snapshot(RunningProxy running)
    {
        var status = _status;
        return running.Snapshot(status.Generation, new ReloadStats(status.Applied, status.Refused)) with { Pauses = _pauses.All };
    }

    private PlanInputs Inputs(RunningProxy running, string baseFolder, ListenerSet listeners) => new()
    {
        Listeners = listeners.Names,
        BaseFolder = baseFolder,
        IsOwnListener = listeners.IsOwn,
        Upstreams = running.Upstreams,
        EarlierGroups = running.Groups,
        PreviousZones = running.Plan?.Zones,
        Labels = listeners.Labels,
        Log = running.QueryLog?.Queue,
        Designated = new DesignatedResolvers(listeners).Current,
        Cache = running.Cache,
        Clock = _clock,
        Neighbours = _neighbours,
        FlowHandler = MakeHandler,
    };

    private ProviderFlowHandler MakeHandler(FlowRuleSet rules) => new(_provider, _time, _logger, rules);

    private void TakeOver(ProxyPlan plan)
    {
        GiveRules(plan);
        _pauses.Apply(plan);
        _planBuilder.Lists.Activate(plan.Lists);
    }

    private void GiveRules(ProxyPlan plan)
    {
        if (_provider is ForwardingProxyProvider forwarding)
        {
            forwarding.Rules = plan.FlowRules;
        }
    }

    private static ServerStartException Refused(SettingsErrors errors) => new(ServerStartFailure.Configuration, errors.ToString());

    private sealed record StoppedProxy(StatsSnapshot Snapshot, ServerSummary Summary);

    private static partial class Log
    {
        [LoggerMessage(700, LogLevel.Information, "Stopped ({Reason}) after {Queries} queries.")]
        public static partial void Stopped(ILogger logger, ServerStopReason reason, long queries);

        [LoggerMessage(710, LogLevel.Information, "Configuration {Generation} is in force ({Cause}; {Changes} changes).")]
        public static partial void Applied(ILogger logger, int generation, string cause, int changes);

        [LoggerMessage(711, LogLevel.Error, "The configuration was not reloaded ({Cause}; {Errors} errors); {Generation} stays in force. {First}")]
        public static partial void Refused(ILogger logger, string cause, int errors, int generation, string first);

        [LoggerMessage(712, LogLevel.Warning, "{Subject} {Key} takes effect at the next start.")]
        public static partial void NeedsRestart(ILogger logger, string subject, string key);

        [LoggerMessage(713, LogLevel.Information, "'{Name}' is paused for {Clients}, for {Seconds} s.")]
        public static partial void Paused(ILogger logger, string name, string clients, long seconds);

        [LoggerMessage(715, LogLevel.Information, "{Removed} cached responses were flushed.")]
        public static partial void Flushed(ILogger logger, long removed);

        [LoggerMessage(714, LogLevel.Information, "The pause of '{Name}' was ended.")]
        public static partial void PauseEnded(ILogger logger, string name);
    }
}
