namespace DnsFlow.Lists;

/// <summary>A line of a list that is no entry.</summary>
/// <param name="Source">The file or address.</param>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Reason">Why it was skipped.</param>
public sealed record SkippedLine(string Source, int Line, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Source}:{Line}: {Reason}");
}
