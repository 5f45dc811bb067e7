using System.Runtime.InteropServices;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>A walk over the tokens of one entry.</summary>
/// <param name="file">The file.</param>
/// <param name="line">The line the entry begins in.</param>
/// <param name="startsBlank">Whether the entry begins with white space instead of an owner.</param>
/// <param name="tokens">Its tokens.</param>
/// <param name="lines">The line of each token; null = all stand in <paramref name="line"/>.</param>
internal sealed class ZoneFileEntry(string file, int line, bool startsBlank, List<PresentationToken> tokens, List<int>? lines = null)
{
    private int _next;

    /// <summary>The file.</summary>
    public string File => file;

    /// <summary>The line the entry begins in.</summary>
    public int Line => line;

    /// <summary>Whether the entry begins with white space instead of an owner.</summary>
    public bool StartsBlank => startsBlank;

    /// <summary>Whether there is a token not yet taken.</summary>
    public bool HasMore => _next < tokens.Count;

    /// <summary>Whether the next token stood in quotes.</summary>
    public bool IsNextQuoted => HasMore && tokens[_next].IsQuoted;

    /// <summary>Where an error is told: the line of the token taken last.</summary>
    public int ErrorLine => _next > 0 && lines is not null ? lines[_next - 1] : line;

    /// <summary>The tokens not yet taken: a record's data.</summary>
    public ReadOnlySpan<PresentationToken> Rest => CollectionsMarshal.AsSpan(tokens)[_next..];

    /// <summary>The next token's text, or null at the end.</summary>
    public string? Peek() => HasMore ? tokens[_next].Text.ToString() : null;

    /// <summary>Takes the next token's text; null at the end.</summary>
    public string? Next() => HasMore ? tokens[_next++].Text.ToString() : null;
}
