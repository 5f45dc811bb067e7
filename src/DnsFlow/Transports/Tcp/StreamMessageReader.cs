using System.Buffers.Binary;
using DnsFlow.Limits;

namespace DnsFlow.Transports.Tcp;

/// <summary>Reads DNS messages behind two octets of length from a stream (RFC 1035 section 4.2.2). One reader at a time.</summary>
internal sealed class StreamMessageReader(Stream stream) : IDisposable
{
    private const int PrefixSize = 2;

    private byte[] _buffer = Buffers.Rent(4_096);
    private int _start;
    private int _end;

    /// <summary>Whether a part of a message was read and the rest is awaited.</summary>
    public bool IsInsideMessage => Volatile.Read(ref _end) > Volatile.Read(ref _start);

    /// <summary>
    /// Reads the next message. It is valid until the next call. Null when the other side closed, between messages or inside one.
    /// Throws what the stream throws.
    /// </summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(PrefixSize, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var length = PrefixSize + BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
        if (!await FillAsync(length, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var message = _buffer.AsMemory(_start + PrefixSize, length - PrefixSize);
        Volatile.Write(ref _start, _start + length);
        return message;
    }

    /// <summary>Gives the buffer back. Only when no read is under way.</summary>
    public void Dispose()
    {
        Buffers.Return(_buffer);
        _buffer = [];
    }

    private async ValueTask<bool> FillAsync(int wanted, CancellationToken cancellationToken)
    {
        MakeRoom(wanted);
        while (_end - _start < wanted)
        {
            var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return false;
            }

            Volatile.Write(ref _end, _end + count);
        }

        return true;
    }

    private void MakeRoom(int wanted)
    {
        if (_buffer.Length - _start >= wanted)
        {
            return;
        }

        var old = _buffer;
        var target = old.Length >= wanted ? old : Buffers.Rent(wanted);
        old.AsSpan(_start.._end).CopyTo(target);
        (_start, _end, _buffer) = (0, _end - _start, target);
        if (target != old)
        {
            Buffers.Return(old);
        }
    }
}
