namespace DnsFlow.Settings;

/// <summary>Finds what somebody who mistyped a name most likely meant.</summary>
internal static class NearestSpelling
{
    private const int MaxLength = 64;

    /// <summary>
    /// The name nearest to <paramref name="text"/> by edits of one character (a swap of two neighbours counts once), letter case ignored;
    /// null when none is near: more than a third of the letters differ (a half where the first two agree: people know how a word begins).
    /// </summary>
    public static string? Find(string text, IEnumerable<string> names)
    {
        var best = default(string);
        var bestDistance = int.MaxValue;
        foreach (var name in names)
        {
            var distance = text.Length > MaxLength || name.Length > MaxLength ? int.MaxValue : Distance(text, name);
            if (distance < bestDistance && distance <= Limit(text, name))
            {
                best = name;
                bestDistance = distance;
            }
        }

        return best;
    }

    /// <summary>The end of a message: <c>; did you mean 'night'?</c>, or else what is allowed, or nothing.</summary>
    public static string Hint(string text, IReadOnlyCollection<string> names) =>
        Find(text, names) is { } nearest ? $"; did you mean '{nearest}'?"
        : names.Count is > 0 and <= 24 ? $"; allowed: {string.Join(", ", names)}"
        : "";

    private static int Limit(string text, string name)
    {
        var length = Math.Max(text.Length, name.Length);
        var limit = name.Length > 1 && text.StartsWith(name[..2], StringComparison.OrdinalIgnoreCase) ? (length + 1) / 2 : Math.Max(1, length / 3);
        return Math.Min(limit, length - 1);
    }

    private static int Distance(string left, string right)
    {
        var before = new int[right.Length + 1];
        var previous = new int[right.Length + 1];
        var current = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
        {
            previous[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + cost);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                {
                    current[j] = Math.Min(current[j], before[j - 2] + 1);
                }
            }

            (before, previous, current) = (previous, current, before);
        }

        return previous[right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
