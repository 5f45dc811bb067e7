namespace DnsFlow.Lists;

/// <summary>Reads a stream line by line within the bounds of lists; CR LF and a UTF-8 byte order mark are taken for what they are.</summary>
internal sealed class ListLines(Stream stream)
{
    /// <summary>How many octets of the beginning <see cref="Peek"/> shows at most, a byte order mark counted.</summary>
    public const int PeekSize = 64 << 10;

    private readonly byte[] _buffer = new byte[PeekSize];
    private int _start;
    private int _end;
    private long _octets;
    private bool _isAtEnd;
    private bool _isFresh = true;

    /// <summary>The number of the line that was read last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Whether the line that was read last is longer than a line may be; it is then given empty.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>What ended the reading: too large, not a text; null at the end of a good stream.</summary>
    public string? Problem { get; private set; }

    /// <summary>The beginning of the stream, up to 64 KiB. Only before the first line.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        while (_end < _buffer.Length && Fill())
        {
        }

        if (_isFresh && _buffer.AsSpan(0, _end).StartsWith("\uFEFF"u8))
        {
            _start = 3;
        }

        _isFresh = false;
        return _buffer.AsSpan(_start.._end);
    }

    /// <summary>Reads the next line, without its end; it stays as it is until the next call.</summary>
    public bool TryNext(out ReadOnlySpan<byte> line)
    {
        if (_isFresh)
        {
            Peek();
        }

        IsTooLong = false;
        line = default;
        int length;
        while ((length = _buffer.AsSpan(_start.._end).IndexOf((byte)'\n')) < 0)
        {
            if (!MakeRoom())
            {
                return Problem is null && Last(out line);
            }
        }

        line = Take(length, 1);
        return Judge(ref line);
    }

    /// <summary>Moves what is left to the front and reads on; false at the end.</summary>
    private bool MakeRoom()
    {
        if (_end - _start > ListLimits.MaxLine)
        {
            IsTooLong = true;       // its end is still looked for, its octets are not kept
            _start = _end;
        }

        _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        return Fill();
    }

    private bool Last(out ReadOnlySpan<byte> line)
    {
        line = Take(_end - _start, 0);
        return (line.Length > 0 || IsTooLong) && Judge(ref line);
    }

    private ReadOnlySpan<byte> Take(int length, int behind)
    {
        var line = _buffer.AsSpan(_start, length);
        _start += length + behind;
        return line is [.., (byte)'\r'] ? line[..^1] : line;
    }

    private bool Judge(ref ReadOnlySpan<byte> line)
    {
        Number++;
        if (Number > ListLimits.MaxLines)
        {
            Problem = $"it has more than {ListLimits.MaxLines:N0} lines, the most that are read";
        }
        else if (line.Contains((byte)0))
        {
            Problem = $"line {Number} has a NUL octet; a list is a text in ASCII or UTF-8";
        }

        IsTooLong |= line.Length > ListLimits.MaxLine;
        line = IsTooLong ? default : line;
        return Problem is null;
    }

    private bool Fill()
    {
        if (_isAtEnd)
        {
            return false;
        }

        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _octets += read;
        _isAtEnd = read == 0;
        if (_octets > ListLimits.MaxBytes)
        {
            Problem = $"it is larger than {ListLimits.MaxBytes >> 20} MiB, the most that is read";
            return false;
        }

        return read > 0;
    }
}
