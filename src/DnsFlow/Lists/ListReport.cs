namespace DnsFlow.Lists;

/// <summary>A list, for people.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Entries">How many entries are in force.</param>
/// <param name="UpdatedAt">When it was read, or last found unchanged; null before the first time.</param>
/// <param name="Error">Why the last attempt to read it failed; null when it did not. The entries are then those of the last good one.</param>
/// <param name="Sources">What was read of each source, skipped lines by reason.</param>
public sealed record ListReport(string Name, int Entries, DateTimeOffset? UpdatedAt, string? Error, IReadOnlyList<SourceReport> Sources);
