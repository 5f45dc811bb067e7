using System.Buffers.Binary;
using DnsFlow.Limits;

namespace DnsFlow.Copying;

/// <summary>
/// The responses that the client of a stream flow has not taken: one block of them is being written, the next gathers, framed one behind the other. A buffer is
/// rented while there is something in it. Guarded by its owner's lock; a part of its owner, so that ten thousand idle flows do not have an object more each.
/// </summary>
internal struct ResponseBlocks()
{
    private const int MinLength = 2048;
    private const int Nobody = -1;
    private const long WriteTime = 2 * MonotonicClock.Second;

    private byte[]? _gathering;
    private long _writingSince = long.MaxValue;
    private long _lastWritten;
    private int _length;
    private int _writing = Nobody;      // octets of the block that is under way; 0 between two blocks

    /// <summary>Octets that the client has not taken yet.</summary>
    public readonly int Unsent => _length + Math.Max(0, _writing);

    /// <summary>Whether somebody writes, or is about to.</summary>
    public readonly bool IsWriting => _writing != Nobody;

    /// <summary>When a write ended last, in microseconds; 0 = never. Any thread, without the lock.</summary>
    public readonly long LastWritten => Volatile.Read(in _lastWritten);

    /// <summary>Whether the client has not taken what is written for too long. Any thread, without the lock.</summary>
    public readonly bool IsStalled(long now) => now - Volatile.Read(in _writingSince) > WriteTime;

    /// <summary>Adds a response with its length in front (RFC 1035 section 4.2.2). False when there is no memory for it: it is lost then.</summary>
    public bool TryAdd(ReadOnlySpan<byte> response, MemoryPool memory)
    {
        var needed = _length + 2 + response.Length;
        if ((_gathering is null || needed > _gathering.Length) && !TryGrow(needed, memory))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_gathering.AsSpan(_length), (ushort)response.Length);
        response.CopyTo(_gathering.AsSpan(_length + 2));
        _length = needed;
        return true;
    }

    /// <summary>Whether the caller is to write: there is something, and nobody else is about it. It then takes blocks until there is none.</summary>
    public bool TryBeginWriting()
    {
        if (IsWriting || _length == 0)
        {
            return false;
        }

        _writing = 0;
        return true;
    }

    /// <summary>Takes everything that has gathered. Give it back with <see cref="Written"/> before the next take. Empty: whoever writes is done.</summary>
    public ArraySegment<byte> Take(long now)
    {
        if (_length == 0)
        {
            _writing = Nobody;
            return default;
        }

        var block = new ArraySegment<byte>(_gathering!, 0, _length);
        Volatile.Write(ref _writingSince, now);
        _writing = _length;
        _gathering = null;
        _length = 0;
        return block;
    }

    /// <summary>A block was written, or cannot be.</summary>
    public void Written(ArraySegment<byte> block, MemoryPool memory, long now)
    {
        Volatile.Write(ref _writingSince, long.MaxValue);
        Volatile.Write(ref _lastWritten, now);
        _writing = 0;
        memory.Return(block.Array!);
    }

    /// <summary>Forgets what has gathered: the client is gone.</summary>
    public void Clear(MemoryPool memory)
    {
        if (_gathering is { } buffer)
        {
            _gathering = null;
            _length = 0;
            memory.Return(buffer);
        }
    }

    private bool TryGrow(int needed, MemoryPool memory)
    {
        if (memory.TryRent(Math.Max(MinLength, needed)) is not { } larger)
        {
            return false;
        }

        if (_gathering is { } old)
        {
            old.AsSpan(0, _length).CopyTo(larger);
            memory.Return(old);
        }

        _gathering = larger;
        return true;
    }
}
