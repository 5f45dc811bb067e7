using System.Text;
using System.Text.RegularExpressions;
using DnsFlow.Names;

namespace DnsFlow.Lists.Syntaxes;

/// <summary>A regular expression over a name: never backtracking, of bounded length, so that its time is bounded by the name's length.</summary>
internal sealed class ExpressionPattern : ITextPattern
{
    private readonly Regex _expression;

    private ExpressionPattern(Regex expression, string key)
    {
        _expression = expression;
        Key = key;
    }

    /// <inheritdoc/>
    public string Key { get; }

    /// <summary>Makes a pattern; null when the expression is wrong, too long, too large once compiled, or asks for what needs backtracking.</summary>
    public static ExpressionPattern? Create(string expression)
    {
        if (expression.Length > ListLimits.MaxExpression || Repeats(expression) > 4 * ListLimits.MaxExpression)
        {
            return null;
        }

        try
        {
            var regex = new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture);
            return ExpressionCost.IsBounded(regex, expression) ? new ExpressionPattern(regex, FindKey(expression)) : null;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            // There is no Try form; the line is skipped with its reason.
            return null;
        }
    }

    /// <inheritdoc/>
    public bool Covers(ReadOnlySpan<char> name) => _expression.IsMatch(name);

    /// <summary>How often the counted repetitions repeat, multiplied: what makes a short expression a large automaton.</summary>
    private static long Repeats(string expression)
    {
        var product = 1L;
        foreach (var count in expression.Split('{').Skip(1).Select(static rest => rest.Split('}')[0].Split(',')[^1]))
        {
            product = Math.Min(int.MaxValue, product * Math.Max(1, int.TryParse(count, out var times) ? Math.Min(times, 100_000) : 1));
        }

        return product;
    }

    /// <summary>The longest run of letters that every match has: outside of groups and classes, not optional, and with no alternative to it.</summary>
    private static string FindKey(string expression)
    {
        var (best, run) = ("", new StringBuilder());
        for (var i = 0; i < expression.Length; i++)
        {
            var c = expression[i];
            if (c == '|')
            {
                return "";      // of alternatives to everything, none needs to be there
            }

            if (c is '(' or '[')
            {
                run.Clear();
                i = EndOf(expression, i);
                if (i < 0)
                {
                    return "";
                }

                continue;
            }

            var isEscaped = c == '\\' && i + 1 < expression.Length && !char.IsAsciiLetterOrDigit(expression[i + 1]);
            c = isEscaped ? expression[++i] : c;
            var isLetter = isEscaped || char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
            var isOptional = i + 1 < expression.Length && expression[i + 1] is '?' or '*' or '{';
            if (isLetter && !isOptional)
            {
                run.Append(char.ToLowerInvariant(c));
            }

            best = run.Length > best.Length ? run.ToString() : best;
            if (!isLetter || isOptional || (i + 1 < expression.Length && expression[i + 1] == '+'))
            {
                run.Clear();
                i += c == '\\' ? 1 : 0;     // a class such as \d
                i = c == '{' && expression.IndexOf('}', i) is > 0 and var end ? end : i;
            }
        }

        return best;
    }

    /// <summary>Where a group or class ends that begins at <paramref name="start"/>; -1 when that cannot be told.</summary>
    private static int EndOf(string expression, int start)
    {
        var depth = 0;
        for (var i = start; i < expression.Length; i++)
        {
            switch (expression[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    i = EndOfClass(expression, i);
                    if (i < 0 || depth == 0)
                    {
                        return i;
                    }

                    break;
                case '(':
                    depth++;
                    break;
                case ')' when --depth == 0:
                    return i;
            }
        }

        return -1;
    }

    /// <summary>Where a class ends: at its first bracket that closes, but for one that stands first. A class inside of it (a subtraction) is not looked into.</summary>
    private static int EndOfClass(string expression, int start)
    {
        var first = start + (expression.AsSpan(start + 1).StartsWith("^") ? 2 : 1);
        for (var i = first; i < expression.Length; i++)
        {
            switch (expression[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    return -1;
                case ']' when i > first:
                    return i;
            }
        }

        return -1;
    }
}
