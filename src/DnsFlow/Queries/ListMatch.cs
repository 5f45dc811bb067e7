namespace DnsFlow.Queries;

/// <summary>The entry of a list that matched a query; nothing when none did.</summary>
/// <param name="Entries">Whose entry it is; null = no list matched.</param>
/// <param name="Entry">The entry's number there.</param>
/// <param name="Answer">What it wants to be answered; null = it only blocks.</param>
public readonly record struct ListMatch(IListEntries? Entries, int Entry, ListAnswer? Answer)
{
    /// <summary>Whether a list matched.</summary>
    public bool IsMatch => Entries is not null;

    /// <summary>Which line it is, for people; null when no list matched.</summary>
    public ListEntryReport? Describe() => Entries?.Describe(Entry);
}
