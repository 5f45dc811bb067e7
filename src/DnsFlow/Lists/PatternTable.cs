using System.Collections.Immutable;

namespace DnsFlow.Lists;

/// <summary>The entries of a list that are no names, while it is built. Each has to be tried, so there are bounds: of all, of those that every name has to be tried with, and of expressions.</summary>
internal sealed class PatternTable
{
    private readonly List<PatternEntry> _entries = [];
    private int _unanchored;
    private int _expressions;

    /// <summary>How many there are.</summary>
    public int Count => _entries.Count;

    /// <summary>About how many octets they take.</summary>
    public long Bytes => _entries.Count * 400L;

    /// <summary>Counts a regular expression that is about to be made; the reason when there have been as many as there may.</summary>
    public string? TakeExpression()
    {
        if (_expressions == ListLimits.MaxExpressions)
        {
            return SkipReason.TooManyExpressions;
        }

        _expressions++;
        return null;
    }

    /// <summary>Why a pattern cannot be added; null = it can.</summary>
    public string? Problem(ITextPattern pattern) => _entries.Count == ListLimits.MaxPatterns
        ? IsAnchored(pattern) ? SkipReason.TooManyPatterns : SkipReason.TooManyUnanchored
        : !IsAnchored(pattern) && _unanchored == ListLimits.MaxUnanchored ? SkipReason.TooManyUnanchored : null;

    /// <summary>Adds an entry whose pattern has no <see cref="Problem"/>.</summary>
    public void Add(PatternEntry entry)
    {
        _unanchored += IsAnchored(entry.Pattern) ? 0 : 1;
        _entries.Add(entry);
    }

    /// <summary>Removes what is written so.</summary>
    public void Cancel(string text) => _entries.RemoveAll(entry => entry.Text == text);

    /// <summary>The entries.</summary>
    public ImmutableArray<PatternEntry> ToImmutable() => [.. _entries];

    private static bool IsAnchored(ITextPattern pattern) => pattern.Key.Length >= PatternSet.MinAnchor;
}
