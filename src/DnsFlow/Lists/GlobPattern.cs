namespace DnsFlow.Lists;

/// <summary>
/// A name with <c>*</c> for any run of characters, bound to the beginning or end of the name, to the beginning of a label (<c>||</c>), or to nothing:
/// then it is found anywhere.
/// </summary>
internal sealed class GlobPattern : ITextPattern
{
    private readonly string[] _pieces;
    private readonly bool _atStart;
    private readonly bool _atLabel;
    private readonly bool _atEnd;

    /// <summary>Makes a pattern of pieces that follow one another with anything between.</summary>
    /// <param name="text">The pieces with <c>*</c> between, lower case.</param>
    /// <param name="atStart">Whether it begins where the name begins.</param>
    /// <param name="atLabel">Whether it begins where a label begins.</param>
    /// <param name="atEnd">Whether it ends where the name ends.</param>
    public GlobPattern(string text, bool atStart, bool atLabel, bool atEnd)
    {
        _atStart = atStart && !text.StartsWith('*');
        _atLabel = atLabel && !text.StartsWith('*');
        _atEnd = atEnd && !text.EndsWith('*');
        _pieces = text.Split('*', StringSplitOptions.RemoveEmptyEntries);
        Key = _pieces.MaxBy(static piece => piece.Length) ?? "";
    }

    /// <inheritdoc/>
    public string Key { get; }

    /// <summary>Whether it covers every name.</summary>
    public bool IsEverything => _pieces.Length == 0;

    /// <inheritdoc/>
    public bool Covers(ReadOnlySpan<char> name)
    {
        if (_pieces.Length == 0)
        {
            return true;
        }

        if (_atStart)
        {
            return name.StartsWith(_pieces[0], StringComparison.Ordinal) && CoversRest(name[_pieces[0].Length..]);
        }

        // Earlier places leave more of the name to the rest; but the last piece may have to end the name.
        for (var from = 0; name[from..].IndexOf(_pieces[0], StringComparison.Ordinal) is >= 0 and var found; from += found + 1)
        {
            var at = from + found;
            if ((!_atLabel || at == 0 || name[at - 1] == '.') && CoversRest(name[(at + _pieces[0].Length)..]))
            {
                return true;
            }
        }

        return false;
    }

    private bool CoversRest(ReadOnlySpan<char> rest)
    {
        for (var i = 1; i < _pieces.Length; i++)
        {
            var isLast = i == _pieces.Length - 1 && _atEnd;
            var found = isLast
                ? (rest.EndsWith(_pieces[i], StringComparison.Ordinal) ? rest.Length - _pieces[i].Length : -1)
                : rest.IndexOf(_pieces[i], StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            rest = rest[(found + _pieces[i].Length)..];
        }

        return !_atEnd || rest.IsEmpty;
    }
}
