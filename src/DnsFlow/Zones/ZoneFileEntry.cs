using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>A walk over the tokens of the entry that a scanner stands at.</summary>
internal sealed class ZoneFileEntry(string file, ZoneFileScanner scanner)
{
    private int _next;

    /// <summary>The file.</summary>
    public string File => file;

    /// <summary>The line the entry begins in.</summary>
    public int Line => scanner.Line;

    /// <summary>Whether the entry begins with white space instead of an owner.</summary>
    public bool StartsBlank => scanner.StartsBlank;

    /// <summary>Whether there is a token not yet taken.</summary>
    public bool HasMore => _next < scanner.Tokens.Length;

    /// <summary>Whether the next token stood in quotes.</summary>
    public bool IsNextQuoted => HasMore && scanner.Tokens[_next].IsQuoted;

    /// <summary>Where an error is told: the line of the token taken last.</summary>
    public int ErrorLine => _next > 0 ? scanner.LineOf(_next - 1) : Line;

    /// <summary>The tokens not yet taken: a record's data.</summary>
    public ReadOnlySpan<PresentationToken> Rest => scanner.Tokens[_next..];

    /// <summary>The next token's text, or null at the end.</summary>
    public string? Peek() => HasMore ? scanner.Tokens[_next].Text.ToString() : null;

    /// <summary>Takes the next token's text; null at the end.</summary>
    public string? Next() => HasMore ? scanner.Tokens[_next++].Text.ToString() : null;
}
