using System.Diagnostics.CodeAnalysis;
using DnsFlow.Names;

namespace DnsFlow.Policy;

/// <summary>A pattern for names as rules have it: a <see cref="NamePattern"/>, or a regular expression between slashes. Immutable.</summary>
public sealed class DomainPattern
{
    private DomainPattern(NamePattern? name, NameRegex? regex) => (Name, Regex) = (name, regex);

    /// <summary>The pattern, unless it is a regular expression.</summary>
    public NamePattern? Name { get; }

    /// <summary>The regular expression, unless it is a pattern.</summary>
    public NameRegex? Regex { get; }

    /// <summary>Whether every name is covered.</summary>
    public bool IsEverything => Name is { IsEverything: true };

    /// <summary>Reads a pattern; false with the reason when it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DomainPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        pattern = null;
        if (text is ['/', .., '/'])
        {
            pattern = NameRegex.TryParse(text[1..^1], out var regex, out error) ? new(null, regex) : null;
        }
        else if (text.StartsWith('/'))
        {
            error = "a regular expression ends with '/'";
        }
        else
        {
            pattern = NamePattern.TryParse(text, out var name, out error) ? new(name, null) : null;
        }

        return pattern is not null;
    }

    /// <summary>Reads a pattern known to be right, as in code; <see cref="FormatException"/> when it is not.</summary>
    public static DomainPattern Parse(string text) =>
        TryParse(text, out var pattern, out var error) ? pattern : throw new FormatException($"\"{text}\": {error}");

    /// <summary>Whether <paramref name="name"/>, in wire form and lower case, is covered.</summary>
    public bool Covers(ReadOnlySpan<byte> name) => Name?.Covers(name) ?? Regex!.Matches(name);

    /// <inheritdoc/>
    public override string ToString() => Name?.Text ?? $"/{Regex}/";
}
