using System.Globalization;

namespace DnsFlow.Settings;

/// <summary>Durations, sizes, rates and percentages as people write them.</summary>
internal static class QuantityText
{
    private const NumberStyles Decimal = NumberStyles.AllowDecimalPoint;

    // Longer units first where one ends with another.
    private static readonly (string Unit, double Milliseconds)[] DurationUnits =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    private static readonly (string Unit, long Octets)[] SizeUnits =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("KB", 1L << 10), ("MB", 1L << 20), ("GB", 1L << 30), ("B", 1), ("", 1)];

    /// <summary>Reads <c>250ms</c>, <c>1.5s</c>, <c>5m</c>, <c>1h</c>, <c>1d</c>, <c>0</c> or <c>[d.]hh:mm:ss[.fff]</c>. Never negative.</summary>
    public static bool TryParseDuration(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (text == "0")
        {
            return true;
        }

        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value) && value >= TimeSpan.Zero;
        }

        foreach (var (unit, milliseconds) in DurationUnits)
        {
            if (TryParseNumber(text, unit, out var number))
            {
                var total = number * milliseconds;
                value = total <= 1e12 ? TimeSpan.FromMilliseconds(total) : TimeSpan.MaxValue;
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads <c>123</c>, <c>64KB</c>, <c>64MB</c>, <c>1GB</c> (powers of 1,024).</summary>
    public static bool TryParseSize(string text, out long value)
    {
        value = 0;
        foreach (var (unit, octets) in SizeUnits)
        {
            if (TryParseNumber(text, unit, out var number))
            {
                var total = number * octets;
                value = total < long.MaxValue / 2 ? (long)total : long.MaxValue;
                return value == total || value == long.MaxValue;        // half an octet is a mistake
            }
        }

        return false;
    }

    /// <summary>Reads <c>200/s</c>, <c>60/m</c>, <c>60/h</c> or a number a second.</summary>
    public static bool TryParseRate(string text, out double value) =>
        TryParseNumber(text, "/s", out value)
        || (TryParseNumber(text, "/m", out value) && Divide(ref value, 60))
        || (TryParseNumber(text, "/h", out value) && Divide(ref value, 3_600))
        || TryParseNumber(text, "", out value);

    /// <summary>Reads <c>5%</c> as 0.05.</summary>
    public static bool TryParsePercentage(string text, out double value) =>
        TryParseNumber(text, "%", out value) && Divide(ref value, 100);

    /// <summary>A duration in the largest unit that leaves no fraction.</summary>
    public static string Format(TimeSpan value)
    {
        var milliseconds = value.TotalMilliseconds;
        for (var i = DurationUnits.Length - 1; i > 0; i--)
        {
            if (milliseconds >= DurationUnits[i].Milliseconds && milliseconds % DurationUnits[i].Milliseconds == 0)
            {
                return Format(milliseconds / DurationUnits[i].Milliseconds) + DurationUnits[i].Unit;
            }
        }

        return milliseconds == 0 ? "0" : Format(milliseconds) + "ms";
    }

    /// <summary>A size in the largest unit that leaves no fraction.</summary>
    public static string FormatSize(long value) =>
        value > 0 && value % (1L << 30) == 0 ? Format(value >> 30) + "GB"
        : value > 0 && value % (1L << 20) == 0 ? Format(value >> 20) + "MB"
        : value > 0 && value % (1L << 10) == 0 ? Format(value >> 10) + "KB"
        : Format(value);

    private static string Format(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    private static bool Divide(ref double value, double by)
    {
        value /= by;
        return true;
    }

    private static bool TryParseNumber(string text, string unit, out double number)
    {
        number = 0;
        return text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
            && double.TryParse(text.AsSpan(0, text.Length - unit.Length).TrimEnd(), Decimal, CultureInfo.InvariantCulture, out number);
    }
}
