namespace DnsFlow.Queries;

/// <summary>An entry of a list, for people.</summary>
/// <param name="List">The list's name.</param>
/// <param name="Source">The file or address that the entry stands in.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Text">The entry: as it is written where it has modifiers, else as a pattern.</param>
public sealed record ListEntryReport(string List, string Source, int Line, string Text);
