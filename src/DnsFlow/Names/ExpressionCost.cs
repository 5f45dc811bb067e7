using System.Text.RegularExpressions;

namespace DnsFlow.Names;

/// <summary>
/// Says whether a regular expression stays cheap. The engine does not backtrack, but builds its automaton while it matches: an expression such as <c>a.{16}$</c> has one of 2^16 states, and
/// whoever asks names of chance makes it grow, by milliseconds and megabytes a name. So each is tried on names made of its own letters, always the same ones, before it is taken; what it has
/// built by then it need not build on the way of a query.
/// </summary>
internal static class ExpressionCost
{
    /// <summary>The most octets that an expression may allocate while it is tried. One that is cheap stays below a quarter of it.</summary>
    public const long MaxBytes = 2 << 20;

    private const int Names = 96;
    private const int NameLength = 253;

    /// <summary>Whether the automaton stays small; the expression is written as <paramref name="text"/>.</summary>
    public static bool IsBounded(Regex expression, string text)
    {
        ArgumentNullException.ThrowIfNull(expression);
        var letters = Letters(text);
        var state = 1UL;
        Span<char> name = stackalloc char[NameLength];
        expression.IsMatch(name[..0]);      // what the engine makes once is no growth
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Names; i++)
        {
            Fill(name, letters, ref state, i);
            expression.IsMatch(name);
            if (GC.GetAllocatedBytesForCurrentThread() - before > MaxBytes)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The letters of the expression, and two more.</summary>
    private static char[] Letters(string text) =>
        [.. text.ToLowerInvariant().Where(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_').Distinct().Take(40).Append('x').Append('0')];

    // Few letters, of which an expression's own come often, in every other name; all of them in the others; with and without labels of ordinary length.
    private static void Fill(Span<char> name, char[] letters, ref ulong state, int number)
    {
        var from = number % 2 == 0 ? Next(ref state, letters.Length) : 0;
        var count = number % 2 == 0 ? Math.Min(2, letters.Length - from) : letters.Length;
        for (var i = 0; i < name.Length; i++)
        {
            name[i] = number % 4 < 2 && Next(ref state, 12) == 0 && i > 0 && name[i - 1] != '.' ? '.' : letters[from + Next(ref state, count)];
        }
    }

    // The same numbers each time (xorshift): a configuration must not be good today and bad tomorrow.
    private static int Next(ref ulong state, int bound)
    {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (int)((state >> 33) % (ulong)bound);
    }
}
