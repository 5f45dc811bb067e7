using System.Collections.Concurrent;

namespace DnsFlow.Policy;

/// <summary>
/// The counters of the rules by their names; they outlive a reload, so that a rule that keeps its name keeps its count. Never more than the rules
/// of one plan once <see cref="Keep"/> was called.
/// </summary>
public sealed class RuleCounters
{
    private readonly ConcurrentDictionary<string, RuleCounter> _counters = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The counter of the rule with this name.</summary>
    public RuleCounter Get(string name) => _counters.GetOrAdd(name, static _ => new RuleCounter());

    /// <summary>Forgets the counters of all other rules.</summary>
    public void Keep(IReadOnlySet<string> names)
    {
        foreach (var name in _counters.Keys.Where(name => !names.Contains(name)))
        {
            _counters.TryRemove(name, out _);
        }
    }
}
