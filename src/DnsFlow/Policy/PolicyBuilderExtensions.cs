using DnsFlow.Policy;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds what rules can do.</summary>
public static class PolicyBuilderExtensions
{
    /// <summary>Lets query rules name an action of the host's own. A name that another action has fails at the start.</summary>
    public static DnsFlow.IDnsFlowBuilder AddQueryAction<[System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(
        System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] TFactory>(this DnsFlow.IDnsFlowBuilder builder)
        where TFactory : class, IQueryActionFactory
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IQueryActionFactory, TFactory>();
        return builder;
    }

    /// <summary>Adds the actions of this library and the catalog of all.</summary>
    internal static DnsFlow.IDnsFlowBuilder AddPolicy(this DnsFlow.IDnsFlowBuilder builder)
    {
        foreach (var factory in QueryActionCatalog.BuiltInFactories)
        {
            builder.Services.AddSingleton(factory);
        }

        builder.Services.TryAddSingleton(static services => new QueryActionCatalog(services.GetServices<IQueryActionFactory>()));
        return builder;
    }
}
