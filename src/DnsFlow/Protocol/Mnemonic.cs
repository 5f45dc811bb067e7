using System.Globalization;

namespace DnsFlow.Protocol;

/// <summary>Numbers that are written as a word and a number: <c>TYPE65</c>, <c>CLASS4</c>, <c>key7</c>.</summary>
internal static class Mnemonic
{
    /// <summary>Reads <paramref name="word"/> in any letter case and behind it a decimal number of 0 to 65535 without leading zeros.</summary>
    public static bool TryParseNumbered(string word, ReadOnlySpan<char> text, out ushort number)
    {
        number = 0;
        if (!text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var digits = text[word.Length..];
        return !(digits.Length > 1 && digits[0] == '0')
            && ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
