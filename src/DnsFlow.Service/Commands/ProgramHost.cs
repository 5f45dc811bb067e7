using DnsFlow.Server;
using DnsFlow.Server.Listening;
using DnsFlow.Service.Configuration;
using DnsFlow.Service.Endpoints;
using DnsFlow.Service.Logging;
using DnsFlow.Service.Reloading;
using DnsFlow.Service.Systemd;

namespace DnsFlow.Service.Commands;

/// <summary>Builds the host: the proxy, its log, and the HTTP interface where one is wanted.</summary>
internal static class ProgramHost
{
    // The proxy drains for 3 s at most; what is not done a second later is cut.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(4);

    /// <summary>Builds it. The builders are the empty ones: nothing that a proxy does not need is loaded at start.</summary>
    public static IHost Build(
        CheckedStart start, StartSettings settings, ProgramContext context, InheritedSockets inherited, LineWriter lines, IReadOnlyList<ControlSocket>? sockets = null)
    {
        if (start.Endpoints.Count == 0)
        {
            var plain = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "dnsflow", ContentRootPath = start.Configuration.BaseFolder });
            AddServices(plain, start.Layers, settings, context, inherited, lines);
            return plain.Build();
        }

        var web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "dnsflow", ContentRootPath = start.Configuration.BaseFolder });
        web.WebHost.AddHttpServer(start.Endpoints, sockets ?? []);
        web.Services.AddSingleton(start.Stats);
        web.Services.AddSingleton(new HttpAccess(start.Token));
        web.Services.AddSingleton<IHttpResource, StatsResource>();
        web.Services.AddSingleton<IHttpResource, ConfigurationResource>();
        web.Services.AddSingleton<IHttpResource, ExplainResource>();
        web.Services.AddSingleton<IHttpResource, PauseResource>();
        web.Services.AddSingleton<IHttpResource, FlowsResource>();
        web.Services.AddSingleton<IHttpResource, RulesResource>();
        web.Services.AddSingleton<IHttpResource, QueriesResource>();
        web.Services.AddSingleton<IHttpResource, ListsResource>();
        web.Services.AddSingleton<IHttpResource, CacheResource>();
        web.Services.AddSingleton<HttpInterface>();
        AddServices(web, start.Layers, settings, context, inherited, lines);
        var application = web.Build();
        application.Run(application.Services.GetRequiredService<HttpInterface>().HandleAsync);
        return application;
    }

    private static void AddServices(
        IHostApplicationBuilder host, LayeredConfiguration layers, StartSettings settings, ProgramContext context, InheritedSockets inherited, LineWriter lines)
    {
        host.Services.AddSingleton(context.Time);
        host.Services.AddSingleton(inherited);
        host.Services.AddSingleton<IConfiguration>(layers.Last.Root);
        host.Services.AddSingleton<IProxyConfigurationSource>(layers);      // the proxy judges the layers one by one, and reads them again
        host.Services.AddSingleton(Notifier.FromEnvironment(context.Variable));
        host.Services.AddSingleton<Reloader>();
        host.Services.AddDnsFlow(layers.Last.Root);
        host.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        host.Services.Configure<HostOptions>(options =>
        {
            options.ShutdownTimeout = StopTimeout;
            options.ServicesStopConcurrently = true;    // a slow HTTP client must not eat the time the proxy has to drain
        });
        host.Logging.AddProvider(new LineLoggerProvider(lines, context.Time, context.Variable("JOURNAL_STREAM") is { Length: > 0 }));
        host.Logging.SetMinimumLevel(settings.Verbosity switch
        {
            Verbosity.Quiet => LogLevel.Warning,
            Verbosity.Verbose => LogLevel.Debug,
            _ => LogLevel.Information,
        });
        host.Logging.AddFilter("Microsoft", LogLevel.Warning);
        host.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical);    // a failed start is told in one line by who starts
        context.ConfigureServices?.Invoke(host.Services);
    }
}
