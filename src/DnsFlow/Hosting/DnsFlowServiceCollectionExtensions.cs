using DnsFlow.Hosting;
using DnsFlow.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

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
        services.AddHostedService<DnsFlowHostedService>();
        return new DnsFlowBuilder(services, configuration);
    }
}
