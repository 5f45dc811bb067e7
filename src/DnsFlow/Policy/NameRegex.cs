using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using DnsFlow.Names;
using DnsFlow.Protocol;

namespace DnsFlow.Policy;

/// <summary>
/// A regular expression for names. It sees a name as <c>www.example.org</c>: lower case, without the dot at the end, the root as nothing; octets outside ASCII as
/// the characters of the same number. It matches anywhere in the name unless anchored. It never backtracks, so the time is linear in the name; its length and its
/// repetitions are bounded, so that the automaton stays small. Thread safe.
/// </summary>
public sealed partial class NameRegex
{
    /// <summary>The longest expression, in characters.</summary>
    public const int MaxLength = 512;

    /// <summary>The most states that counted repetitions such as <c>{1,63}</c> may ask for, multiplied where they may be nested.</summary>
    public const int MaxRepetitions = 4_096;

    private const string TooCostly = "it needs too large an automaton, as 'a.{16}$' does: anchor it with '^', or repeat less behind what occurs often";

    private readonly Regex _regex;

    private NameRegex(Regex regex) => _regex = regex;

    /// <summary>Reads an expression, without slashes around it; false with the reason when it is none or too large.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out NameRegex? regex, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        regex = null;
        error = text.Length == 0 ? "the regular expression is empty"
            : text.Length > MaxLength ? $"the regular expression has more than {MaxLength} characters"
            : Repetitions(text) > MaxRepetitions ? $"its repetitions multiply to more than {MaxRepetitions}" : null;
        if (error is not null)
        {
            return false;
        }

        try
        {
            const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
            var made = new Regex(text, Options);
            error = ExpressionCost.IsBounded(made, text) ? null : TooCostly;
            regex = error is null ? new(made) : null;
            return error is null;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            // The framework has no Try form. Look-around and back references do not go without backtracking.
            error = exception.Message;
            return false;
        }
    }

    /// <summary>
    /// Whether a name, in wire form, matches. There is no limit of time: what bounds the work is the bounded automaton and the 254 characters, and a limit by the
    /// clock would let a name past its rule when the machine is busy.
    /// </summary>
    public bool Matches(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[WireName.MaxLength];
        var length = Write(name, text);
        return _regex.IsMatch(text[..length]);
    }

    /// <inheritdoc/>
    public override string ToString() => _regex.ToString();

    private static int Write(ReadOnlySpan<byte> name, Span<char> text)
    {
        var length = 0;
        for (var position = 0; name[position] != 0;)
        {
            if (length > 0)
            {
                text[length++] = '.';
            }

            var end = position + 1 + name[position];
            while (++position < end)
            {
                text[length++] = (char)name[position];
            }
        }

        return length;
    }

    // Factors of repetitions in a row are multiplied as if they were nested: too careful for some, never too lax.
    private static double Repetitions(string text)
    {
        var product = 1.0;
        foreach (Match match in Counted().Matches(text))
        {
            var most = match.Groups["most"] is { Success: true, Length: > 0 } group ? group.Value : match.Groups["least"].Value;
            product *= Math.Max(1, double.Parse(most, CultureInfo.InvariantCulture));
        }

        return product;
    }

    [GeneratedRegex(@"\{(?<least>\d+)(,(?<most>\d*))?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Counted();
}
