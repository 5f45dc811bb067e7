using System.Globalization;
using System.Net;

namespace DnsFlow.Settings;

/// <summary>The kinds of values that the configuration is made of.</summary>
public static class SettingsKinds
{
    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static SettingsKind<bool> Boolean { get; } = new("true or false", "true, false", bool.TryParse) { Names = ["true", "false"] };

    /// <summary>An IPv4 or IPv6 address.</summary>
    public static SettingsKind<IPAddress> Address { get; } =
        new("an IP address", "192.0.2.1 or 2001:db8::1", NetworkText.TryParseAddress);

    /// <summary>A network with its prefix length, or one address.</summary>
    public static SettingsKind<IPNetwork> Network { get; } =
        new("a network", "192.168.0.0/16, fd00::/8 or one address", NetworkText.TryParseNetwork);

    /// <summary>Text that is not empty.</summary>
    public static SettingsKind<string> Text { get; } = new("a text", "a text that is not empty", static (string text, out string value) =>
    {
        value = text;
        return text.Length > 0;
    });

    /// <summary>A duration within a range: <c>250ms 2s 5m 1h 1d</c> or <c>00:00:02</c>.</summary>
    public static SettingsKind<TimeSpan> Duration(TimeSpan minimum, TimeSpan maximum) => new(
        "a duration", $"250ms, 2s, 5m, 1h, 1d or 00:00:02, from {QuantityText.Format(minimum)} to {QuantityText.Format(maximum)}",
        QuantityText.TryParseDuration)
    {
        Check = value => Range(value, minimum, maximum, QuantityText.Format),
    };

    /// <summary>A number of octets within a range: <c>64KB 64MB 1GB 123</c>; a KB is 1,024.</summary>
    public static SettingsKind<long> Size(long minimum, long maximum) => new(
        "a size", $"123, 64KB, 64MB or 1GB, from {QuantityText.FormatSize(minimum)} to {QuantityText.FormatSize(maximum)}", QuantityText.TryParseSize)
    {
        Check = value => Range(value, minimum, maximum, QuantityText.FormatSize),
    };

    /// <summary>A rate within a range, a second: <c>200/s</c>, <c>60/m</c>; 0 switches the limit off.</summary>
    public static SettingsKind<double> Rate(double maximum) => new(
        "a rate", $"200/s, 60/m or 0, at most {maximum.ToString("0", CultureInfo.InvariantCulture)}/s", QuantityText.TryParseRate)
    {
        Check = value => Range(value, 0, maximum, static bound => bound.ToString("0", CultureInfo.InvariantCulture) + "/s"),
    };

    /// <summary>A share from 0 % to 100 %, read as 0 to 1.</summary>
    public static SettingsKind<double> Percentage { get; } = new("a percentage", "0% to 100%", QuantityText.TryParsePercentage)
    {
        Check = static value => Range(value, 0, 1, static bound => bound.ToString("0%", CultureInfo.InvariantCulture)),
    };

    /// <summary>A whole number within a range.</summary>
    public static SettingsKind<int> Integer(int minimum, int maximum) => new(
        "a whole number", string.Create(CultureInfo.InvariantCulture, $"{minimum} to {maximum}"),
        static (string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
    {
        Check = value => Range(value, minimum, maximum, static bound => bound.ToString(CultureInfo.InvariantCulture)),
    };

    /// <summary>One name of a closed set, letter case ignored; the value is the name as it is spelled here.</summary>
    /// <param name="what">What the names are, with the article: <c>a strategy</c>.</param>
    /// <param name="names">The names.</param>
    public static SettingsKind<string> OneOf(string what, params string[] names) => new(
        what, string.Join(", ", names), (string text, out string value) =>
        {
            value = names.FirstOrDefault(name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase))!;
            return value is not null;
        })
    {
        Names = names,
    };

    /// <summary>One name of a closed set, letter case ignored, that stands for a value.</summary>
    public static SettingsKind<T> Choice<T>(string what, params (string Name, T Value)[] choices) => new(
        what, string.Join(", ", choices.Select(static choice => choice.Name)), (string text, out T value) =>
        {
            var index = Array.FindIndex(choices, choice => string.Equals(choice.Name, text, StringComparison.OrdinalIgnoreCase));
            value = index < 0 ? default! : choices[index].Value;
            return index >= 0;
        })
    {
        Names = [.. choices.Select(static choice => choice.Name)],
    };

    private static string? Range<T>(T value, T minimum, T maximum, Func<T, string> format)
        where T : IComparable<T> =>
        value.CompareTo(minimum) < 0 ? $"is below {format(minimum)}"
        : value.CompareTo(maximum) > 0 ? $"is above {format(maximum)}"
        : null;
}
