namespace DnsFlow.Lists.Syntaxes;

/// <summary>What the modifiers of a rule say.</summary>
/// <param name="Flags">Whether it is important.</param>
/// <param name="Detail">Conditions and answer; null = none.</param>
/// <param name="CancelsRule">Whether it cancels the rule that is the same without <c>$badfilter</c>.</param>
internal readonly record struct Modifiers(EntryFlags Flags, EntryDetail? Detail, bool CancelsRule);
