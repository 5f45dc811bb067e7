namespace DnsFlow.Settings;

/// <summary>The names of listeners, upstream groups, zones and rules. They appear in metrics and logs, so they are short and plain.</summary>
public static class SettingsNames
{
    /// <summary>The longest name.</summary>
    public const int MaxLength = 63;

    /// <summary>Says what is wrong with a name; null when nothing is.</summary>
    public static string? Check(string name) =>
        name.Length is 0 or > MaxLength ? $"a name has 1 to {MaxLength} characters"
        : SettingsNode.IsNumber(name) ? $"'{name}' is a number, not a name"
        : !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? $"'{name}' is not a name; allowed: letters, digits, '-', '_' and '.'"
        : null;
}
