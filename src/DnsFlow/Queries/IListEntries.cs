namespace DnsFlow.Queries;

/// <summary>Knows what the numbers of a list's entries stand for.</summary>
public interface IListEntries
{
    /// <summary>The list's name.</summary>
    string Name { get; }

    /// <summary>Says which line an entry is. Not for the hot path.</summary>
    ListEntryReport Describe(int entry);
}
