namespace DnsFlow.Upstreams.Lanes;

/// <summary>What a lane has read: whole messages behind their lengths, and perhaps the beginning of another one.</summary>
internal sealed class LaneBatch
{
    private const int SmallSize = 16 * 1024, LargeSize = 2 + ushort.MaxValue;

    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(SmallSize);
    private int _end;

    /// <summary>The whole messages, each behind two octets of length.</summary>
    public ReadOnlySpan<byte> Messages => _buffer.AsSpan(0, WholeLength);

    /// <summary>The octets of whole messages.</summary>
    public int WholeLength { get; private set; }

    /// <summary>Where to read to; never empty.</summary>
    public Memory<byte> Free => _buffer.AsMemory(_end);

    /// <summary>Begins with what another batch, or this one, has behind its whole messages.</summary>
    public void Begin(LaneBatch? earlier)
    {
        var rest = earlier is null ? [] : earlier._buffer.AsSpan(earlier.WholeLength..earlier._end);
        if (earlier is not null && rest.Length >= _buffer.Length)
        {
            _buffer = GC.AllocateUninitializedArray<byte>(LargeSize);
        }

        rest.CopyTo(_buffer);
        _end = rest.Length;
        WholeLength = 0;
        MakeRoom();
    }

    /// <summary>So many octets were read. Returns whether there are whole messages now.</summary>
    public bool Add(int count)
    {
        _end += count;
        var whole = 0;
        while (_end - whole >= 2 && 2 + ((_buffer[whole] << 8) | _buffer[whole + 1]) is var length && _end - whole >= length)
        {
            whole += length;
        }

        WholeLength = whole;
        MakeRoom();
        return whole > 0;
    }

    // A message longer than the buffer began.
    private void MakeRoom()
    {
        if (_end == _buffer.Length && WholeLength == 0)
        {
            Array.Resize(ref _buffer, LargeSize);
        }
    }
}
