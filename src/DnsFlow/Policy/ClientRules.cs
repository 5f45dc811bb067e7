using DnsFlow.Clients;
using DnsFlow.Flows;
using DnsFlow.Policy.Conditions;

namespace DnsFlow.Policy;

/// <summary>
/// The rules that wait for a client, by its address: the addresses at which something changes, and for each stretch between two of them the rules that may match.
/// One binary search, whatever the number of rules. Immutable.
/// </summary>
internal sealed class ClientRules
{
    /// <summary>The most numbers of rules in all stretches together; rules that would need more are tried one by one.</summary>
    public const int MaxEntries = 1 << 20;

    private readonly UInt128[] _starts;
    private readonly int[] _offsets;
    private readonly int[] _rules;

    private ClientRules(UInt128[] starts, int[] offsets, int[] rules) => (_starts, _offsets, _rules) = (starts, offsets, rules);

    /// <summary>Compiles some rules, each of which has a <see cref="KeyOf"/>; null when that would take too much memory.</summary>
    public static ClientRules? TryBuild(IReadOnlyList<QueryRule> rules)
    {
        var changes = new SortedDictionary<UInt128, List<int>> { [0] = [] };
        foreach (var rule in rules)
        {
            foreach (var range in KeyOf(rule)!.Ranges)
            {
                At(changes, range.First).Add(rule.Index);
                if (range.Last != UInt128.MaxValue)
                {
                    At(changes, range.Last + 1).Add(~rule.Index);
                }
            }
        }

        var (starts, offsets, entries) = (new List<UInt128>(), new List<int> { 0 }, new List<int>());
        var active = new SortedSet<int>();
        foreach (var (start, toggles) in changes)
        {
            toggles.ForEach(toggle => _ = toggle < 0 ? active.Remove(~toggle) : active.Add(toggle));
            if (entries.Count + active.Count > MaxEntries)
            {
                return null;
            }

            starts.Add(start);
            entries.AddRange(active);
            offsets.Add(entries.Count);
        }

        return new([.. starts], [.. offsets], [.. entries]);
    }

    /// <summary>The clients a rule waits for, when it waits for addresses and nothing else of a client.</summary>
    public static ClientSet? KeyOf(QueryRule rule) => rule.Conditions.OfType<ClientCondition>()
        .FirstOrDefault(static one => one is { IsNegated: false, Clients.HasMacs: false })?.Clients;

    /// <summary>The rules that may match a client, ascending.</summary>
    public ReadOnlySpan<int> Find(in FlowEndpoint client)
    {
        var index = Array.BinarySearch(_starts, AddressRange.NumberOf(client));
        index = index >= 0 ? index : ~index - 1;
        return _rules.AsSpan(_offsets[index].._offsets[index + 1]);
    }

    private static List<int> At(SortedDictionary<UInt128, List<int>> changes, UInt128 address)
    {
        if (!changes.TryGetValue(address, out var list))
        {
            changes.Add(address, list = []);
        }

        return list;
    }
}
