using System.Collections.Immutable;

namespace DnsFlow.Lists;

/// <summary>The entries on answers of a list while it is built. Records of one trigger add up to one answer, under the first line.</summary>
internal sealed class AnswerEntryTable(DetailTable details)
{
    private readonly List<(AnswerEntry Entry, string Trigger, int Detail)> _entries = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds an entry, or its records to the entry that has the trigger. Returns why it cannot be added; null = it was.</summary>
    public string? Add(AnswerEntry entry, string trigger)
    {
        var number = details.Intern(entry.Detail);
        if (number < 0)
        {
            return SkipReason.TooManyDetails;
        }

        if (_places.TryGetValue(trigger, out var place))
        {
            var known = _entries[place];
            if (details.TryMerge(known.Detail, entry.Detail, out var merged, out var isFull))
            {
                _entries[place] = known with { Detail = merged };
            }

            return isFull ? SkipReason.TooManyRecords : null;
        }

        if (_entries.Count == ListLimits.MaxAnswerEntries)
        {
            return SkipReason.TooManyAnswerTriggers;
        }

        _places.Add(trigger, _entries.Count);
        _entries.Add((entry, trigger, number));
        return null;
    }

    /// <summary>The entries, in the order of their lines.</summary>
    public ImmutableArray<AnswerEntry> ToImmutable(ImmutableArray<EntryDetail> all) =>
        [.. _entries.Select(one => one.Entry with { Detail = all[one.Detail], Text = $"{one.Trigger} {all[one.Detail].Text}" })];
}
