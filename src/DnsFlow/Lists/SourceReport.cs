namespace DnsFlow.Lists;

/// <summary>What was read of one source of a list.</summary>
/// <param name="Source">The file or address.</param>
/// <param name="Syntax">The syntax that was found, such as <c>hosts</c>.</param>
/// <param name="Lines">How many lines it has.</param>
/// <param name="Entries">How many of them became entries; a line may say what another said already.</param>
/// <param name="Skipped">How many lines were skipped, by reason; comments and blank lines do not count.</param>
/// <param name="FirstSkipped">The first of them, one by one.</param>
public sealed record SourceReport(
    string Source, string Syntax, int Lines, int Entries, IReadOnlyDictionary<string, int> Skipped, IReadOnlyList<SkippedLine> FirstSkipped);
