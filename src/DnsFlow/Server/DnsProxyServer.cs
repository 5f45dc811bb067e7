using System.Reflection;
using DnsFlow.Clients;
using DnsFlow.Limits;
using DnsFlow.Providers;
using DnsFlow.Settings;
using DnsFlow.Telemetry;
using DnsFlow.Transports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server;

/// <summary>
/// The proxy: binds the listeners, compiles the plan, starts the provider and both planes, and stops them in the reverse order. What starts and
/// fails is undone.
/// </summary>
internal sealed partial class DnsProxyServer : IProxyServer, IAsyncDisposable
{
    /// <summary>How long a stop waits for what is in flight.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(3);

    private readonly IConfiguration _configuration;
    private readonly IConfigurationRoot? _root;
    private readonly string _baseFolder;
    private readonly FlowProvider _provider;
    private readonly IDatagramNetwork _network;
    private readonly InheritedSockets _inherited;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MonotonicClock _clock;
    private readonly PlanBuilder _planBuilder;
    private readonly NeighbourTable _neighbours;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _reading = new();
    private RunningProxy? _running;
    private BackgroundTask? _refreshing;
    private StoppedProxy? _stopped;
    private volatile bool _isStopping;

    /// <summary>Makes a server that does nothing yet.</summary>
    public DnsProxyServer(
        IConfiguration configuration, IConfigurationRoot? root, string baseFolder, PlanBuilder planBuilder, FlowProvider provider, IDatagramNetwork network,
        InheritedSockets inherited, TimeProvider time, ILogger logger)
    {
        _configuration = configuration;
        _root = root;
        _baseFolder = baseFolder;
        _planBuilder = planBuilder;
        _provider = provider;
        _network = network;
        _inherited = inherited;
        _time = time;
        _logger = logger;
        _clock = new MonotonicClock(time);
        _neighbours = new NeighbourTable(time);
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
    public StatsSnapshot Snapshot()
    {
        lock (_reading)
        {
            return _running?.Snapshot() ?? Stopped.Snapshot;
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
            _stopped = new StoppedProxy(running.Snapshot(), running.Describe());
            _running = null;
            _isStopping = false;
            return _stopped;
        }
    }

    private async ValueTask StartOnceAsync(CancellationToken cancellationToken)
    {
        var errors = new SettingsErrors();
        if (!ProxyOptions.TryRead(_configuration, out var options, errors, _root, _planBuilder.Actions))
        {
            throw Refused(errors);
        }

        var running = new RunningProxy(options, _network, _clock, _logger);
        try
        {
            running.Bind(_inherited);
            var plan = _planBuilder.Build(options, Inputs(running), errors) ?? throw Refused(errors);
            GiveRules(plan);
            await _provider.StartProxyAsync(cancellationToken).ConfigureAwait(false);
            running.Start(plan, Version);
            _planBuilder.Lists.Activate(plan.Lists);
            _refreshing = new BackgroundTask(_planBuilder.Lists.RunAsync);
        }
        catch
        {
            await running.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        lock (_reading)
        {
            _running = running;
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

    private PlanInputs Inputs(RunningProxy running) => new()
    {
        Listeners = running.Listeners,
        BaseFolder = _baseFolder,
        IsOwnListener = running.IsOwnListener,
        Cache = running.Cache,
        Clock = _clock,
        Neighbours = _neighbours,
        FlowHandler = new ProviderFlowHandler(_provider, _time, _logger),
    };

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
    }
}
