namespace DnsFlow.Service.Captures;

/// <summary>Reads a file forwards in pieces of given length, without knowing how long it is.</summary>
internal sealed class CaptureStream(Stream stream)
{
    /// <summary>The longest piece.</summary>
    public const int MaxPiece = 4 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>Octets read so far: where the next piece begins.</summary>
    public long Position { get; private set; }

    /// <summary>Looks at the next octets without taking them; fewer than asked for at the end of the file.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        Fill(count);
        return _buffer.AsSpan(_start, Math.Min(count, _end - _start));
    }

    /// <summary>Takes the next octets; false when the file ends before. They are valid until the next call.</summary>
    public bool TryRead(int count, out ReadOnlySpan<byte> octets)
    {
        octets = Peek(count);
        if (octets.Length < count)
        {
            return false;
        }

        _start += count;
        Position += count;
        return true;
    }

    /// <summary>
    /// Takes the next line, without its end. One that is longer than <paramref name="maxLength"/> octets comes cut, one octet longer than allowed. False at the
    /// end of the file.
    /// </summary>
    public bool TryReadLine(int maxLength, out ReadOnlySpan<byte> line)
    {
        for (var count = 4_096; ; count *= 2)
        {
            var seen = Peek(Math.Min(count, maxLength + 1));
            var end = seen.IndexOf((byte)'\n');
            if (end >= 0 || seen.Length < count)
            {
                var length = end >= 0 ? end : seen.Length;
                line = seen[..length].TrimEnd((byte)'\r');
                var taken = end >= 0 ? end + 1 : length;
                _start += taken;
                Position += taken;
                return taken > 0;
            }
        }
    }

    private void Fill(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxPiece);
        if (_end - _start >= count)
        {
            return;
        }

        var rest = _buffer.AsSpan(_start, _end - _start);
        var target = count <= _buffer.Length ? _buffer : new byte[Math.Max(count, _buffer.Length * 2)];
        rest.CopyTo(target);
        _buffer = target;
        _end = rest.Length;
        _start = 0;
        while (_end < count)
        {
            var read = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                return;
            }

            _end += read;
        }
    }
}
