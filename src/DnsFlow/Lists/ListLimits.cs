namespace DnsFlow.Lists;

/// <summary>The bounds of what is read of lists, whatever the configuration says.</summary>
internal static class ListLimits
{
    /// <summary>The most octets of a source.</summary>
    public const int MaxBytes = 64 << 20;

    /// <summary>The most lines of a source.</summary>
    public const int MaxLines = 5_000_000;

    /// <summary>The longest line in octets; longer ones are skipped.</summary>
    public const int MaxLine = 4_096;

    /// <summary>The most sources of a list, its exceptions counted: what fits beside a line's number in 32 bits.</summary>
    public const int MaxSources = 500;

    /// <summary>The most lists.</summary>
    public const int MaxLists = 200;

    /// <summary>How many skipped lines are told one by one.</summary>
    public const int MaxSkippedTold = 20;

    /// <summary>The most different sets of modifiers, answers included, of a list.</summary>
    public const int MaxDetails = 1_000_000;

    /// <summary>The most entries of a list that are no names: patterns with <c>*</c> inside, parts of names, regular expressions.</summary>
    public const int MaxPatterns = 10_000;

    /// <summary>The most regular expressions of a list that are tried, good or bad: each costs milliseconds while the list is read.</summary>
    public const int MaxExpressions = 1_000;

    /// <summary>The most entries of a list that are tried with every name asked, as they have no three letters by which to find them.</summary>
    public const int MaxUnanchored = 100;

    /// <summary>The most entries of a list on what upstreams answer.</summary>
    public const int MaxAnswerEntries = 100_000;

    /// <summary>The most entries of a list on clients.</summary>
    public const int MaxClientEntries = 100_000;

    /// <summary>The longest regular expression in characters.</summary>
    public const int MaxExpression = 500;
}
