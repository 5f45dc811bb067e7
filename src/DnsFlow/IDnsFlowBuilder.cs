using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DnsFlow;

/// <summary>Adds to a DNS proxy under construction; <c>AddDnsFlow</c> makes it.</summary>
public interface IDnsFlowBuilder
{
    /// <summary>The services of the host.</summary>
    IServiceCollection Services { get; }

    /// <summary>The configuration section <c>DnsFlow</c>.</summary>
    IConfiguration Configuration { get; }
}
