using System.Buffers.Binary;

namespace DnsFlow.Upstreams.Lanes;

/// <summary>
/// Queries on their way from a shard's thread to the task that writes them: a ring of octets with one writer and one reader and no lock. It holds all that a lane may have in
/// flight, so it is never full.
/// </summary>
internal sealed class LaneOutput
{
    private const int Size = 64 * 1024;

    // One more than a TLS record holds would make two records.
    private const int MostAtOnce = 16 * 1024;

    private readonly byte[] _ring = GC.AllocateUninitializedArray<byte>(Size);
    private long _head;
    private long _tail;

    /// <summary>Whether nothing waits to be written.</summary>
    public bool IsEmpty => Volatile.Read(ref _head) == Volatile.Read(ref _tail);

    /// <summary>Adds a message behind its length; false when there is no room. The shard's thread.</summary>
    public bool TryAdd(ReadOnlySpan<byte> message)
    {
        if (Size - (_head - Volatile.Read(ref _tail)) < 2 + message.Length)
        {
            return false;
        }

        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)message.Length);
        Copy(length, _head);
        Copy(message, _head + 2);
        Volatile.Write(ref _head, _head + 2 + message.Length);
        return true;
    }

    /// <summary>The octets to be written next; empty when there are none. The writing task.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        var start = (int)(_tail % Size);
        var length = (int)Math.Min(Math.Min(Volatile.Read(ref _head) - _tail, MostAtOnce), Size - start);
        return _ring.AsMemory(start, length);
    }

    /// <summary>So many octets were written.</summary>
    public void Advance(int count) => Volatile.Write(ref _tail, _tail + count);

    /// <summary>Takes the next message with its length; 0 when there is none. The writing task.</summary>
    public int Take(Span<byte> destination)
    {
        if (IsEmpty)
        {
            return 0;
        }

        var length = 2 + ((_ring[(int)(_tail % Size)] << 8) | _ring[(int)((_tail + 1) % Size)]);
        var start = (int)(_tail % Size);
        var first = Math.Min(length, Size - start);
        _ring.AsSpan(start, first).CopyTo(destination);
        _ring.AsSpan(0, length - first).CopyTo(destination[first..]);
        Advance(length);
        return length;
    }

    private void Copy(ReadOnlySpan<byte> octets, long position)
    {
        var start = (int)(position % Size);
        var first = Math.Min(octets.Length, Size - start);
        octets[..first].CopyTo(_ring.AsSpan(start));
        octets[first..].CopyTo(_ring);
    }
}
