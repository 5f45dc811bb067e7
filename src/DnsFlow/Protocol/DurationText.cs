namespace DnsFlow.Protocol;

/// <summary>Times in zone files: seconds, or numbers with the units w, d, h, m, s that name servers have always understood (<c>1h30m</c>).</summary>
public static class DurationText
{
    /// <summary>Reads a time of 0 to 4294967295 seconds. Every number but a lone one needs a unit.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out uint seconds)
    {
        seconds = 0;
        ulong total = 0;
        ulong number = 0;
        var hasDigit = false;
        var hasUnit = false;
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                number = (number * 10) + (ulong)(c - '0');
                hasDigit = true;
            }
            else if (!hasDigit || Unit(c) == 0)
            {
                return false;
            }
            else
            {
                total += number * Unit(c);
                number = 0;
                hasDigit = false;
                hasUnit = true;
            }

            if (number > uint.MaxValue || total > uint.MaxValue)
            {
                return false;
            }
        }

        if (hasDigit == hasUnit)
        {
            return false;       // nothing at all, or a number without a unit behind others with one
        }

        seconds = (uint)(total + number);
        return true;
    }

    private static ulong Unit(char c) => char.ToLowerInvariant(c) switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, 'w' => 604800, _ => 0 };
}
