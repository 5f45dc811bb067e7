using System.Collections.Immutable;

namespace DnsFlow.Lists;

/// <summary>
/// Entries on one kind of trigger while the list is built. Records of one trigger add up to one answer, under the first line; a CNAME stands alone, as every action but
/// local data does (draft-vixie-dnsop-dns-rpz section 3).
/// </summary>
/// <param name="details">The details of the list.</param>
/// <param name="max">The most entries.</param>
/// <param name="whenFull">Why a further one is skipped.</param>
internal sealed class TriggerTable(DetailTable details, int max, string whenFull)
{
    private readonly List<(TriggerEntry Entry, int Detail)> _entries = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds an entry, or its records to the entry that has the trigger. Returns why it cannot be added; null = it was.</summary>
    public string? Add(TriggerEntry entry)
    {
        var number = details.Intern(entry.Detail);
        if (number < 0)
        {
            return SkipReason.TooManyDetails;
        }

        var key = Key(entry);
        if (_places.TryGetValue(key, out var place))
        {
            return AddTo(place, entry, number);
        }

        if (_entries.Count == max)
        {
            return whenFull;
        }

        _places.Add(key, _entries.Count);
        _entries.Add((entry, number));
        return null;
    }

    /// <summary>The entries, in the order of their lines.</summary>
    public ImmutableArray<TriggerEntry> ToImmutable(ImmutableArray<EntryDetail> all) => [.. _entries.Select(one => one.Entry with { Detail = all[one.Detail] })];

    private string? AddTo(int place, TriggerEntry entry, int number)
    {
        var known = _entries[place];
        if (known.Detail == number || entry.IsAlways)
        {
            return null;
        }

        if (details.TryMerge(known.Detail, entry.Detail, out var merged, out var reason))
        {
            _entries[place] = known with { Detail = merged };
        }

        return reason ?? (merged < 0 ? SkipReason.BesideAction : null);
    }

    // Networks are the same however they are written; what stands in Except is of its own.
    private static string Key(TriggerEntry entry)
    {
        var trigger = entry.Server is { } server ? $"{(entry.IsBelow ? "*." : "")}{Convert.ToHexString(server)}" : entry.Network.ToString();
        return entry.IsAlways ? "@@" + trigger : trigger;
    }
}
