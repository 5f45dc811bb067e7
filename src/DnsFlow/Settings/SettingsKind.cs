using System.Diagnostics.CodeAnalysis;

namespace DnsFlow.Settings;

/// <summary>Turns text into a value; false when the text is none (the value is then not looked at).</summary>
public delegate bool SettingsParser<T>(string text, out T value);

/// <summary>A kind of value: what it is called, what is allowed and how it is read. The validator, the documentation and the schema speak from it.</summary>
/// <param name="name">What a value is called, with its article: <c>a duration</c>.</param>
/// <param name="allowed">What is allowed, for messages.</param>
/// <param name="parser">Reads the text, which has no blanks around it.</param>
public sealed class SettingsKind<T>(string name, string allowed, SettingsParser<T> parser)
{
    /// <summary>What a value is called, with its article.</summary>
    public string Name { get; } = name;

    /// <summary>What is allowed, for messages and the documentation.</summary>
    public string Allowed { get; } = allowed;

    /// <summary>The values of a closed set, for the schema and for the nearest spelling; empty when the set is open.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Says what is wrong with a value that could be read: <c>is above 30s</c>; null when nothing is.</summary>
    public Func<T, string?>? Check { get; init; }

    /// <summary>Says why a text is no value, where the kind knows more than that: <c>a name has an empty label</c>.</summary>
    public Func<string, string?>? Explain { get; init; }

    /// <summary>Whether two texts mean the same value.</summary>
    public bool IsSame(string left, string right) =>
        left == right || (parser(left.Trim(), out var first) && parser(right.Trim(), out var second) && EqualityComparer<T>.Default.Equals(first, second));

    /// <summary>Reads a value, or says what is wrong and what is allowed.</summary>
    public bool TryParse(string text, out T value, [NotNullWhen(false)] out string? problem)
    {
        if (!parser(text.Trim(), out value))
        {
            var hint = Names.Count > 0 ? NearestSpelling.Hint(text, Names) : $"; allowed: {Allowed}";
            var reason = Explain?.Invoke(text.Trim()) is { } explanation ? $": {explanation}" : "";
            problem = $"'{text}' is not {Name}{reason}{hint}";
            return false;
        }

        problem = Check?.Invoke(value) is { } complaint ? $"'{text}' {complaint}; allowed: {Allowed}" : null;
        return problem is null;
    }
}
