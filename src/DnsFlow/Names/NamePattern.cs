using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using DnsFlow.Protocol;

namespace DnsFlow.Names;

/// <summary>
/// A pattern for domain names: <c>corp.example</c> (it and everything below), <c>=host.example</c> (only it), <c>*.lab.example</c> (only what is below),
/// <c>.</c> (every name). Immutable.
/// </summary>
public sealed class NamePattern
{
    private static readonly System.Buffers.SearchValues<char> s_never = System.Buffers.SearchValues.Create(" \t\r\n,;:@\"'()<>[]{}|?!");

    private readonly byte[] _name;

    private NamePattern(NameScope scope, byte[] name, string text)
    {
        Scope = scope;
        _name = name;
        Text = text;
    }

    /// <summary>Which names are covered.</summary>
    public NameScope Scope { get; }

    /// <summary>The name in wire form and lower case.</summary>
    public ReadOnlySpan<byte> Name => _name;

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether every name is covered.</summary>
    public bool IsEverything => Scope == NameScope.AtAndBelow && _name.Length == 1;

    /// <summary>
    /// Reads a pattern; letter case and a dot at the end do not matter, names outside ASCII are taken in their A-label form, <c>\DDD</c> and <c>\X</c>
    /// stand for octets as in zone files. False with the reason when it is none.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out NamePattern? pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = null;
        var scope = text.StartsWith('=') ? NameScope.Exact : text.StartsWith("*.", StringComparison.Ordinal) ? NameScope.Below : NameScope.AtAndBelow;
        var name = scope switch { NameScope.Exact => text[1..], NameScope.Below => text.Length == 2 ? "." : text[2..], _ => text };
        error = CheckText(name) ?? ToAscii(ref name);
        if (error is not null || !DomainName.TryParse(name, DomainName.Root, out var parsed, out error))
        {
            return false;
        }

        var wire = new byte[parsed.Length];
        WireName.ToLower(parsed.Wire, wire);
        pattern = new NamePattern(scope, wire, text);
        return true;
    }

    /// <summary>Reads a pattern known to be right, as in code; <see cref="FormatException"/> when it is not.</summary>
    public static NamePattern Parse(string text) =>
        TryParse(text, out var pattern, out var error) ? pattern : throw new FormatException($"\"{text}\": {error}");

    /// <summary>Whether <paramref name="name"/>, in wire form, is covered. For tests and tools; many patterns are asked at once by <see cref="NameIndex"/>.</summary>
    public bool Covers(ReadOnlySpan<byte> name) => Scope switch
    {
        NameScope.Exact => WireName.EqualsIgnoreCase(name, _name),
        NameScope.Below => name.Length > _name.Length && WireName.IsAtOrBelow(name, _name),
        _ => WireName.IsAtOrBelow(name, _name),
    };

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string? CheckText(string name)
    {
        if (name is "@" or "")
        {
            return "a name is missing; '.' is every name";
        }

        if (name.StartsWith('/'))
        {
            return "regular expressions are not supported by this version";
        }

        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '\\')
            {
                i++;        // the escaped character, or the first digit of \DDD, is nobody's syntax
            }
            else if (name[i] == '*')
            {
                return "'*' stands alone in front, as in '*.lab.example'";
            }
            else if (s_never.Contains(name[i]))
            {
                return $"a name has no '{name[i]}'";
            }
        }

        return null;
    }

    private static string? ToAscii(ref string name)
    {
        if (System.Text.Ascii.IsValid(name))
        {
            return null;
        }

        try
        {
            name = new IdnMapping { AllowUnassigned = false, UseStd3AsciiRules = false }.GetAscii(name.ToLowerInvariant());
            return null;
        }
        catch (ArgumentException)
        {
            // The framework has no Try form; the name is refused with a reason.
            return "it has characters that cannot be converted; write its A-label form (xn--)";
        }
    }
}
