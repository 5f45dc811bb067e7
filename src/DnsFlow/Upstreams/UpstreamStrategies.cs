using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using DnsFlow.Upstreams.Strategies;

namespace DnsFlow.Upstreams;

/// <summary>The strategies by name. A strategy has state of its own, so each group gets a new one.</summary>
internal static class UpstreamStrategies
{
    private static readonly Func<UpstreamGroupOptions, ulong, IUpstreamStrategy>[] Factories =
    [
        (_, _) => new OrderedStrategy(),
        (_, _) => new RoundRobinStrategy(),
        (_, seed) => new WeightedStrategy(seed),
        (_, _) => new LeastOutstandingStrategy(),
        (_, seed) => new FastestStrategy(seed),
        (_, _) => new ConsistentHashStrategy(),
        (_, seed) => new ParallelStrategy(seed),
        (options, seed) => new HedgedStrategy(seed, options.Hedge),
    ];

    /// <summary>The names, for messages.</summary>
    public static string[] Names { get; } = [.. Factories.Select(make => make(new UpstreamGroupOptions(), 0).Name)];

    /// <summary>Makes the strategy that <paramref name="options"/> name; letter case does not matter. Returns false when there is none.</summary>
    public static bool TryCreate(UpstreamGroupOptions options, [NotNullWhen(true)] out IUpstreamStrategy? strategy, ulong? seed = null)
    {
        var index = Array.FindIndex(Names, name => string.Equals(name, options.Strategy, StringComparison.OrdinalIgnoreCase));
        strategy = index < 0 ? null : Factories[index](options, seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
        return strategy is not null;
    }
}
