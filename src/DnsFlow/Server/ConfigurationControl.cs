using DnsFlow.Clients;
using DnsFlow.Limits;
using DnsFlow.Policy;
using DnsFlow.Providers;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Settings;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server;

/// <summary>
/// Puts configurations in force, the first at the start and others while the proxy runs, and knows which is. One start or change at a time; what is in force may
/// be asked by any thread.
/// </summary>
internal sealed partial class ConfigurationControl(
    PlanBuilder planBuilder, FlowProvider provider, PauseControl pauses, MonotonicClock clock, ILogger logger) : IDisposable
{
    private readonly NeighbourTable _neighbours = new(clock.Time);
    private readonly EncryptionLoader _encryption = new(clock.Time, logger);
    private volatile ProxyOptions _options = new();
    private volatile ConfigurationStatus _status = new();

    /// <summary>Which configuration is in force, and how the last attempt to change it ended.</summary>
    public ConfigurationStatus Status => _status;

    /// <summary>The configuration in force, as a document.</summary>
    public string Document => SettingsDocument.Write("DnsFlow", _options.Tree);

    /// <summary>Starts a proxy with its first configuration. What starts and fails is undone.</summary>
    /// <exception cref="ServerStartException">What is wrong.</exception>
    public async Task<RunningProxy> StartAsync(
        IProxyConfigurationSource source, Func<ProxyOptions, RunningProxy> makeProxy, InheritedSockets inherited, CancellationToken cancellationToken)
    {
        var candidate = Candidate.Load(source, planBuilder);
        var encryption = _encryption.Load(candidate, makesFiles: true);
        if (candidate.Errors.Any)
        {
            throw Refused(candidate.Errors);
        }

        var running = makeProxy(candidate.Options);
        try
        {
            await running.BindAsync(encryption, inherited).ConfigureAwait(false);
            running.OpenLog(candidate.BaseFolder);
            var plan = planBuilder.Build(candidate.Options, Inputs(running, candidate.BaseFolder, running.Listeners), candidate.Errors) ?? throw Refused(candidate.Errors);
            GiveRules(plan);
            pauses.Apply(plan);
            await provider.StartProxyAsync(cancellationToken).ConfigureAwait(false);
            if (candidate.Options.Cache.File is { Length: > 0 } file)
            {
                running.SavedCache = new SavedCache(Path.Combine(candidate.BaseFolder, file), running.Cache, candidate.Options.Cache.MaxBytes, clock, logger);
            }

            await running.StartAsync(plan, DnsProxyServer.Version).ConfigureAwait(false);
            planBuilder.Lists.Activate(plan.Lists);
        }
        catch
        {
            await running.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _options = candidate.Options;
        _status = new ConfigurationStatus { Generation = 1, Since = clock.Time.GetUtcNow() };
        return running;
    }

    /// <summary>Puts another configuration in force, or says why not; what is in force stays then.</summary>
    /// <param name="running">What runs; null = nothing does.</param>
    /// <param name="source">The other configuration.</param>
    /// <param name="cause">Who asks for it.</param>
    public async Task<ReloadReport> ReloadAsync(RunningProxy? running, IProxyConfigurationSource source, string cause)
    {
        var report = await ChangeAsync(running, source, applies: true).ConfigureAwait(false);
        _status = _status.After(report, cause, clock.Time.GetUtcNow());
        Tell(report, cause);
        return report;
    }

    /// <summary>Says what <see cref="ReloadAsync"/> would do, and does not do it.</summary>
    public Task<ReloadReport> CheckAsync(RunningProxy? running, IProxyConfigurationSource candidate) => ChangeAsync(running, candidate, applies: false);

    /// <inheritdoc/>
    public void Dispose() => _neighbours.Dispose();

    private async Task<ReloadReport> ChangeAsync(RunningProxy? running, IProxyConfigurationSource source, bool applies)
    {
        if (running is null)
        {
            return ReloadReport.Refused(_status.Generation, "the proxy is not running");
        }

        var candidate = Candidate.Load(source, planBuilder);
        var reload = new Reload(running, _options, planBuilder, _encryption, (folder, next) => Inputs(running, folder, next));
        var report = await reload.RunAsync(candidate, _status.Generation, applies, TakeOver).ConfigureAwait(false);
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
            Log.Refused(logger, cause, report.Errors.Count, report.Generation, report.Errors[0]);
            return;
        }

        Log.Applied(logger, report.Generation, cause, report.Changes.Count);
        foreach (var change in report.Changes.Where(static change => change.NeedsRestart))
        {
            Log.NeedsRestart(logger, change.Subject, change.Key);
        }
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
        Clock = clock,
        Neighbours = _neighbours,
        FlowHandler = MakeHandler,
    };

    private ProviderFlowHandler MakeHandler(FlowRuleSet rules) => new(provider, clock.Time, logger, rules);

    private void TakeOver(ProxyPlan plan)
    {
        GiveRules(plan);
        pauses.Apply(plan);
        planBuilder.Lists.Activate(plan.Lists);
    }

    private void GiveRules(ProxyPlan plan)
    {
        if (provider is ForwardingProxyProvider forwarding)
        {
            forwarding.Rules = plan.FlowRules;
        }
    }

    private static ServerStartException Refused(SettingsErrors errors) => new(ServerStartFailure.Configuration, errors.ToString());

    private static partial class Log
    {
        [LoggerMessage(710, LogLevel.Information, "Configuration {Generation} is in force ({Cause}; {Changes} changes).")]
        public static partial void Applied(ILogger logger, int generation, string cause, int changes);

        [LoggerMessage(711, LogLevel.Error, "The configuration was not reloaded ({Cause}; {Errors} errors); {Generation} stays in force. {First}")]
        public static partial void Refused(ILogger logger, string cause, int errors, int generation, string first);

        [LoggerMessage(712, LogLevel.Warning, "{Subject} {Key} takes effect at the next start.")]
        public static partial void NeedsRestart(ILogger logger, string subject, string key);
    }
}
