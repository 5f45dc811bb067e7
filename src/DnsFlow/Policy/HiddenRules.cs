using System.Text;
using DnsFlow.Names;
using DnsFlow.Policy.Conditions;

namespace DnsFlow.Policy;

/// <summary>
/// Finds rules that are never reached because an earlier one matches everything that they match. Rules with names are compared with those for the same names or
/// names above only, so that many rules take little time; what would take longer than <see cref="MaxComparisons"/> comparisons is taken for right.
/// </summary>
internal sealed class HiddenRules
{
    /// <summary>How many pairs of rules are compared at most.</summary>
    public const int MaxComparisons = 2_000_000;

    private readonly List<Entry> _open = [];
    private readonly Dictionary<string, List<Entry>> _byName = [];
    private int _comparisons;

    /// <summary>The name of the rule that hides one with these conditions; null when none does, or that is not known.</summary>
    public string? FindHiding(RuleCondition[] conditions)
    {
        var first = conditions.OfType<DomainCondition>().FirstOrDefault(static one => !one.IsNegated)?.Patterns[0].Name;
        var candidates = first is null ? _open : _open.Concat(Ancestors(first).SelectMany(name => _byName.GetValueOrDefault(name) ?? []));
        foreach (var entry in candidates)
        {
            if (++_comparisons > MaxComparisons)
            {
                return null;
            }

            if (AllConditions.AreImpliedBy(entry.Conditions, conditions))
            {
                return entry.Name;
            }
        }

        return null;
    }

    /// <summary>Adds a rule that hides later ones, if it has conditions; whoever has none is found otherwise.</summary>
    public void Add(string name, RuleCondition[] conditions)
    {
        var domains = conditions.OfType<DomainCondition>().FirstOrDefault(static one => one.NeedsName);
        var entry = new Entry(name, conditions);
        if (domains is null)
        {
            _open.Add(entry);
            return;
        }

        foreach (var pattern in domains.Names)
        {
            var key = Encoding.Latin1.GetString(pattern.Name);
            if (!_byName.TryGetValue(key, out var entries))
            {
                _byName.Add(key, entries = []);
            }

            entries.Add(entry);
        }
    }

    private static IEnumerable<string> Ancestors(NamePattern pattern)
    {
        var name = Encoding.Latin1.GetString(pattern.Name);
        for (var position = 0; ; position += name[position] + 1)
        {
            yield return name[position..];
            if (name[position] == 0)
            {
                yield break;
            }
        }
    }

    private sealed record Entry(string Name, RuleCondition[] Conditions);
}
