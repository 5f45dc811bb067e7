using System.Collections.Frozen;
using DnsFlow.Policy.Actions;

namespace DnsFlow.Policy;

/// <summary>The actions that rules can name. Immutable.</summary>
public sealed class QueryActionCatalog
{
    private readonly FrozenDictionary<string, IQueryActionFactory> _factories;

    /// <summary>Makes a catalog of exactly these; <see cref="ArgumentException"/> when two have one name.</summary>
    public QueryActionCatalog(IEnumerable<IQueryActionFactory> factories)
    {
        var byName = new Dictionary<string, IQueryActionFactory>(StringComparer.OrdinalIgnoreCase);
        foreach (var factory in factories)
        {
            if (!byName.TryAdd(factory.Name, factory))
            {
                throw new ArgumentException($"Two query actions have the name '{factory.Name}'.", nameof(factories));
            }
        }

        _factories = byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        Names = [.. byName.Values.Select(static factory => factory.Name)];
    }

    /// <summary>The actions of this library.</summary>
    public static IReadOnlyList<IQueryActionFactory> BuiltInFactories { get; } =
    [
        new ForwardActionFactory(), new AnswerActionFactory(), new BlockActionFactory(), new RefuseActionFactory(), new NoDataActionFactory(),
        new NXDomainActionFactory(), new TruncateActionFactory(), new DropActionFactory(), new TagActionFactory(), new BypassCacheActionFactory(), new SubnetActionFactory(),
        new RateLimitActionFactory(), new DelayActionFactory(), new MirrorActionFactory(), new RewriteActionFactory(), new PassActionFactory(), new TtlActionFactory(),
        new RebindingActionFactory(), new Dns64ActionFactory(),
    ];

    /// <summary>A catalog of the actions of this library.</summary>
    public static QueryActionCatalog BuiltIn { get; } = new(BuiltInFactories);

    /// <summary>The names in the order they were given.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The names of those that rules of a stage can have.</summary>
    public IReadOnlyList<string> NamesOf(RuleStages stage) => [.. Names.Where(name => (Find(name)!.Stages & stage) != 0)];

    /// <summary>The factory with this name, letter case ignored; null when there is none.</summary>
    public IQueryActionFactory? Find(string name) => _factories.GetValueOrDefault(name);
}
