using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DnsFlow.Hosting;

/// <summary>The builder that <c>AddDnsFlow</c> returns.</summary>
internal sealed record DnsFlowBuilder(IServiceCollection Services, IConfiguration Configuration) : IDnsFlowBuilder;
