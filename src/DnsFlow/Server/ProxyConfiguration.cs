using DnsFlow.Caching;
using DnsFlow.Limits;
using DnsFlow.Lists;
using DnsFlow.Policy;
using DnsFlow.Providers;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Settings;
using DnsFlow.Upstreams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Server;

/// <summary>Judges a configuration without starting anything.</summary>
public static class ProxyConfiguration
{
    /// <summary>The JSON Schema (draft 2020-12) of a configuration file, made of the same definitions that judge it.</summary>
    public static string Schema => SettingsSchema.Write("DnsFlow", ProxySettings.Shape, static shape =>
        shape == PolicySettings.QueryRule ? QueryActionCatalog.BuiltIn.Names.SelectMany(static name => QueryActionCatalog.BuiltIn.Find(name)!.Shape.Keys) : []);

    /// <summary>A configuration of several layers as one JSON document that says the same; secrets are masked.</summary>
    /// <param name="section">The section <c>DnsFlow</c>.</param>
    /// <param name="root">The root of <paramref name="section"/>.</param>
    public static string Document(IConfiguration section, IConfigurationRoot? root = null)
    {
        ProxyOptions.TryRead(section, out var options, new SettingsErrors(), root);
        return SettingsDocument.Write("DnsFlow", options.Tree);
    }

    /// <summary>
    /// Reads and compiles everything that a start would, zone files included, and returns every error, one line each with its path or
    /// <c>file:line</c>; none = it will do. Binds nothing and sends nothing.
    /// </summary>
    /// <param name="section">The section <c>DnsFlow</c>.</param>
    /// <param name="baseFolder">The folder that file names are relative to.</param>
    /// <param name="root">The root of <paramref name="section"/>; with it errors name their file.</param>
    /// <param name="actions">The actions that rules can name; null = those of this library.</param>
    /// <param name="warnings">Takes what is no error, but will not do what it seems to; null = nobody wants to know.</param>
    public static IReadOnlyList<string> Check(
        IConfiguration section, string baseFolder, IConfigurationRoot? root = null, QueryActionCatalog? actions = null, ICollection<string>? warnings = null)
    {
        var errors = new SettingsErrors();
        using var cache = new ResponseCache(new CacheOptions { MaxBytes = 0 }, segments: 1);
        using var plan = Compile(section, baseFolder, errors, root, actions, cache, new MonotonicClock(TimeProvider.System), out _);
        if (plan is not null && warnings is not null && ProxyOptions.TryRead(section, out var options, new SettingsErrors(), root, actions))
        {
            foreach (var warning in ListUse.Warnings(options, plan.Lists))
            {
                warnings.Add(warning);
            }
        }

        return errors.Lines;
    }

    /// <summary>Reads and compiles; null when something is wrong. A plan of its own: what it is for starts nothing either.</summary>
    internal static ProxyPlan? Compile(
        IConfiguration section, string baseFolder, SettingsErrors errors, IConfigurationRoot? root, QueryActionCatalog? actions, ResponseCache cache,
        MonotonicClock clock, out IReadOnlyList<string> listeners)
    {
        listeners = [];
        if (!ProxyOptions.TryRead(section, out var options, errors, root, actions))
        {
            PlanBuilder.CheckZones(options, baseFolder, errors);        // whoever corrects one thing wants to know of the others, too
            return null;
        }

        new EncryptionLoader(clock.Time, NullLogger.Instance).Load(options, baseFolder, makesFiles: false, errors);
        listeners = [.. options.Listeners.Keys];
        var addresses = ListenerEndpoints.Of(options, listeners).Select(endpoint => endpoint.Address).ToHashSet();
        using var lists = new ListStore(TimeProvider.System, NullLogger.Instance);
        return new PlanBuilder(actions ?? QueryActionCatalog.BuiltIn, lists).Build(
            options,
            new PlanInputs
            {
                Listeners = listeners,
                BaseFolder = baseFolder,
                IsOwnListener = endpoint => addresses.Contains(endpoint),
                Upstreams = new UpstreamRegistry(endpoint => addresses.Contains(endpoint)),
                Cache = cache,
                Clock = clock,
                FlowHandler = static rules => new ProviderFlowHandler(new ForwardingProxyProvider(), TimeProvider.System, NullLogger.Instance, rules),
            },
            errors);
    }
}
