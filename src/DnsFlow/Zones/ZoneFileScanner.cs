using System.Globalization;
using System.Text;
using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// Cuts a master file into entries: one line each, or several when parentheses hold them together (RFC 1035 section 5.1). An entry that cannot
/// be cut is told and skipped. Octets outside of printable ASCII become <c>\DDD</c>, so that none is lost. The text was checked by <see cref="ZoneFileContent"/>.
/// </summary>
internal sealed class ZoneFileScanner(ReadOnlyMemory<byte> content, string file, ZoneErrors errors)
{
    /// <summary>The most tokens of one entry: as many as fit a record's data.</summary>
    public const int MaxTokens = 65_536;

    private readonly List<PresentationToken> _tokens = [];
    private readonly List<int> _lines = [];
    private readonly StringBuilder _text = new();
    private int _position;
    private int _line = 1;
    private int _openLine;

    /// <summary>The line the entry begins in.</summary>
    private int Line { get; set; }

    /// <summary>Moves to the next entry that has tokens; null at the end of the file. The entry is good until the next call.</summary>
    public ZoneFileEntry? Read()
    {
        while (_position < content.Length && !errors.IsFull)
        {
            _tokens.Clear();
            _lines.Clear();
            Line = _line;
            var startsBlank = Peek() is ' ' or '\t';
            _openLine = 0;
            if (!ScanEntry())
            {
                SkipLine();
            }
            else if (_tokens.Count > 0)
            {
                // White space in front: the owner of the entry before (RFC 1035 section 5.1).
                return new ZoneFileEntry(file, Line, startsBlank, _tokens, _lines);
            }
        }

        return null;
    }

    private int Peek() => _position < content.Length ? content.Span[_position] : -1;

    /// <summary>Reads tokens up to the end of the entry; false when it is broken.</summary>
    private bool ScanEntry()
    {
        while (true)
        {
            switch (Peek())
            {
                case -1:
                    return _openLine == 0 || errors.Add(file, _openLine, "'(' is never closed; it needs a ')' before the file ends");
                case '\n':
                    _position++;
                    _line++;
                    if (_openLine == 0)
                    {
                        return true;
                    }

                    break;
                case ' ' or '\t' or '\r':
                    _position++;
                    break;
                case ';':
                    SkipComment();
                    break;
                case '(' when _openLine != 0:
                    return errors.Add(file, _line, $"'(' inside of parentheses; they cannot be nested (the first opened in line {_openLine})");
                case '(':
                    _openLine = _line;
                    _position++;
                    break;
                case ')' when _openLine == 0:
                    return errors.Add(file, _line, "')' without a '(' before it");
                case ')':
                    _openLine = 0;
                    _position++;
                    break;
                default:
                    if (!ScanToken())
                    {
                        return false;
                    }

                    break;
            }
        }
    }

    private bool ScanToken()
    {
        if (_tokens.Count == MaxTokens)
        {
            return errors.Add(file, _line, $"the entry has more than {MaxTokens:N0} words");
        }

        if (_tokens.Count == 0)
        {
            Line = _line;
        }

        _text.Clear();
        var line = _line;
        var isQuoted = Peek() == '"';
        if (!(isQuoted ? ScanQuoted(keepQuotes: false) : ScanWord()))
        {
            return false;
        }

        _tokens.Add(new PresentationToken(_text.ToString().AsMemory(), isQuoted));
        _lines.Add(line);
        return true;
    }

    /// <summary>A quoted string; white space, ';' and parentheses mean nothing in it, and it ends in its line.</summary>
    private bool ScanQuoted(bool keepQuotes)
    {
        Take(keepQuotes);
        while (true)
        {
            switch (Peek())
            {
                case -1 or '\n':
                    return errors.Add(file, _line, "the quoted string is not closed; it needs a '\"' in the same line");
                case '"':
                    Take(keepQuotes);
                    return true;
                case '\\':
                    if (!ScanEscape())
                    {
                        return false;
                    }

                    break;
                default:
                    Take(keep: true);
                    break;
            }
        }
    }

    /// <summary>A word; behind '=' a quoted string belongs to it, as in alpn="h2,h3" (RFC 9460 section 2.1).</summary>
    private bool ScanWord()
    {
        while (true)
        {
            switch (Peek())
            {
                case -1 or '\n' or '\r' or ' ' or '\t' or ';' or '(' or ')':
                    return true;
                case '"' when _text[^1] == '=':
                    return ScanQuoted(keepQuotes: true);
                case '"':
                    return true;
                case '\\':
                    if (!ScanEscape())
                    {
                        return false;
                    }

                    break;
                default:
                    Take(keep: true);
                    break;
            }
        }
    }

    /// <summary>A backslash and the octet behind it, both kept: what they mean depends on where the token is used.</summary>
    private bool ScanEscape()
    {
        Take(keep: true);
        if (Peek() is -1 or '\n' or '\r')
        {
            return errors.Add(file, _line, "a '\\' at the end of the line; it needs a character or three decimal digits behind it");
        }

        if (Peek() is < ' ' or > '~')
        {
            _text.Length--;     // the octet becomes \DDD, which brings its own backslash
        }

        Take(keep: true);
        return true;
    }

    private void Take(bool keep)
    {
        var octet = content.Span[_position++];
        if (!keep)
        {
            return;
        }

        if (octet is >= (byte)' ' and <= (byte)'~')
        {
            _text.Append((char)octet);
        }
        else
        {
            _text.Append('\\').Append(octet.ToString("D3", CultureInfo.InvariantCulture));
        }
    }

    private void SkipComment()
    {
        var end = content.Span[_position..].IndexOf((byte)'\n');
        _position = end < 0 ? content.Length : _position + end;
    }

    private void SkipLine()
    {
        SkipComment();
        if (Peek() == '\n')
        {
            _position++;
            _line++;
        }
    }
}
