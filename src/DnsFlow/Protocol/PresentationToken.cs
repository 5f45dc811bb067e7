namespace DnsFlow.Protocol;

/// <summary>
/// One word of a record in a master file (RFC 1035 section 5.1). Escapes are left in <paramref name="Text"/>, the quotes around a wholly quoted
/// word are not. A quote inside a word (<c>alpn="h2,h3"</c>, RFC 9460 section 2.1) belongs to it: it stays in the text, spaces behind it
/// up to the closing quote belong to the word, and the word does not count as quoted.
/// </summary>
/// <param name="Text">The word as written.</param>
/// <param name="IsQuoted">Whether the whole word stood in quotes.</param>
public readonly record struct PresentationToken(ReadOnlyMemory<char> Text, bool IsQuoted)
{
    /// <summary>The word's characters.</summary>
    public ReadOnlySpan<char> Span => Text.Span;

    /// <summary>
    /// Splits one record's text into words: white space separates, parentheses mean nothing, a semicolon begins a comment. A line feed is white
    /// space. False when a quote is not closed.
    /// </summary>
    public static bool TrySplit(string text, List<PresentationToken> tokens)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(tokens);
        for (var i = 0; i < text.Length;)
        {
            var c = text[i];
            if (c == ';')
            {
                var end = text.IndexOf('\n', i);
                i = end < 0 ? text.Length : end;
            }
            else if (c is ' ' or '\t' or '\r' or '\n' or '(' or ')')
            {
                i++;
            }
            else if (!TryTakeWord(text, ref i, tokens))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryTakeWord(string text, ref int index, List<PresentationToken> tokens)
    {
        var start = index;
        var quoted = text[index] == '"';
        var open = quoted;
        index += quoted ? 1 : 0;
        for (; index < text.Length; index++)
        {
            var c = text[index];
            if (c == '\\' && index + 1 < text.Length)
            {
                index++;
            }
            else if (c == '"')
            {
                open = !open;
                if (quoted)
                {
                    break;
                }
            }
            else if (!open && c is (' ' or '\t' or '\r' or '\n' or '(' or ')' or ';'))
            {
                break;
            }
        }

        if (open)
        {
            return false;
        }

        tokens.Add(quoted ? new(text.AsMemory(start + 1, index - start - 1), true) : new(text.AsMemory(start, index - start), false));
        index += quoted ? 1 : 0;
        return true;
    }
}
