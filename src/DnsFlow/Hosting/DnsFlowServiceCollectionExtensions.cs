using System.Diagnostics.CodeAnalysis;
using DnsFlow.Hosting;
using DnsFlow.Lists;
using DnsFlow.Policy;
using DnsFlow.Providers;
using DnsFlow.Server;
using DnsFlow.Server.Listening;
using DnsFlow.Server.Plans;
using DnsFlow.Transports.Udp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a DNS proxy to a host.</summary>
public static class DnsFlowServiceCollectionExtensions
{
    /// <summary>
    /// Adds the proxy that <paramref name="configuration"/> (the section <c>DnsFlow</c>) describes; it starts and stops with the host.
    /// A wrong configuration stops the start with <see cref="ServerStartException"/>.
    /// </summary>
    public static DnsFlow.IDnsFlowBuilder AddDnsFlow(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(InheritedSockets.None);
        services.TryAddSingleton<FlowProvider, ForwardingProxyProvider>();
        services.TryAddSingleton(static provider => new ListStore(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>().CreateLogger("DnsFlow")));
        services.TryAddSingleton<IListService>(static provider => provider.GetRequiredService<ListStore>());
        services.TryAddSingleton<IProxyConfigurationSource>(provider => new HostConfiguration(
            configuration,
            provider.GetService<IConfiguration>() as IConfigurationRoot,
            provider.GetService<IHostEnvironment>()?.ContentRootPath ?? Directory.GetCurrentDirectory()));
        services.TryAddSingleton<IProxyServer>(Create);
        services.AddHostedService<DnsFlowHostedService>();
        return new DnsFlowBuilder(services, configuration).AddPolicy();
    }

    /// <summary>Lets a provider of the host's own give the verdict on new flows, instead of the default <see cref="ForwardingProxyProvider"/>.</summary>
    public static DnsFlow.IDnsFlowBuilder AddProvider<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProvider>(
        this DnsFlow.IDnsFlowBuilder builder)
        where TProvider : FlowProvider
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Replace(ServiceDescriptor.Singleton<FlowProvider, TProvider>());
        return builder;
    }

    private static DnsProxyServer Create(IServiceProvider services) => new(
        services.GetRequiredService<IProxyConfigurationSource>(),
        new PlanBuilder(services.GetRequiredService<QueryActionCatalog>(), services.GetRequiredService<ListStore>()),
        services.GetRequiredService<FlowProvider>(),
        UdpNetwork.Create(),
        services.GetRequiredService<InheritedSockets>(),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILoggerFactory>().CreateLogger("DnsFlow"));
}
