namespace DnsFlow.Lists;

/// <summary>Counts the skipped lines of a source by reason, and keeps the first.</summary>
internal sealed class SkipCounter(string source)
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly List<SkippedLine> _first = [];

    /// <summary>The counts by reason.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>The first skipped lines.</summary>
    public IReadOnlyList<SkippedLine> First => _first;

    /// <summary>Counts a line.</summary>
    public void Add(int line, string reason)
    {
        _counts[reason] = _counts.GetValueOrDefault(reason) + 1;
        if (_first.Count < ListLimits.MaxSkippedTold)
        {
            _first.Add(new SkippedLine(source, line, reason));
        }
    }
}
