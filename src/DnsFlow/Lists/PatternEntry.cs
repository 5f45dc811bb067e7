namespace DnsFlow.Lists;

/// <summary>An entry that is no name: it has to be tried.</summary>
/// <param name="Pattern">What it covers.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Detail">What it says beyond; null = nothing.</param>
/// <param name="Place">Its source and line.</param>
/// <param name="Text">How it is written.</param>
internal sealed record PatternEntry(ITextPattern Pattern, EntryFlags Flags, EntryDetail? Detail, uint Place, string Text);
