using System.Text;
using System.Text.RegularExpressions;

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
            return new ExpressionPattern(regex, FindKey(expression));
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
            if (c is '(' or '[' or '|' or '{')
            {
                return "";      // groups and classes may hold alternatives: not worth the care
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
            }
        }

        return best;
    }
}
