using System.Diagnostics.CodeAnalysis;
using DnsFlow.Upstreams.Strategies;

namespace DnsFlow.Upstreams;

/// <summary>The strategies by name. A strategy has state of its own, so each group gets a new one.</summary>
internal static class UpstreamStrategies
{
    private static readonly Func<IUpstreamStrategy>[] Factories = [() => new OrderedStrategy(), () => new RoundRobinStrategy()];

    /// <summary>The names, for messages.</summary>
    public static string[] Names { get; } = [.. Factories.Select(make => make().Name)];

    /// <summary>Makes the strategy of a name; letter case does not matter. Returns false when there is none.</summary>
    public static bool TryCreate(string name, [NotNullWhen(true)] out IUpstreamStrategy? strategy)
    {
        strategy = Factories.Select(make => make()).FirstOrDefault(made => string.Equals(made.Name, name, StringComparison.OrdinalIgnoreCase));
        return strategy is not null;
    }
}
