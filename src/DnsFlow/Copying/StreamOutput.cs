using System.Buffers.Binary;
using DnsFlow.Limits;

namespace DnsFlow.Copying;

/// <summary>
/// Responses of one stream flow on their way to the client: framed one behind the other, written as a whole, from any thread. While one block is being
/// written the next gathers. The buffers are rented while there is something in them and given back after.
/// </summary>
internal sealed class StreamOutput(MemoryPool memory)
{
    private byte[]? _gathering;
    private int _length;
    private int _writing;

    /// <summary>Guards what is here; the owner guards its own counts with it too, for the two are looked at together.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Octets that the client has not taken yet.</summary>
    public int Unsent
    {
        get
        {
            lock (Gate)
            {
                return _length + _writing;
            }
        }
    }

    /// <summary>Adds a response with its length in front (RFC 1035 section 4.2.2). False when there is no memory for it: it is lost then.</summary>
    public bool TryAdd(ReadOnlySpan<byte> response)
    {
        lock (Gate)
        {
            var needed = _length + 2 + response.Length;
            if ((_gathering is null || needed > _gathering.Length) && !TryGrow(needed))
            {
                return false;
            }

            BinaryPrimitives.WriteUInt16BigEndian(_gathering.AsSpan(_length), (ushort)response.Length);
            response.CopyTo(_gathering.AsSpan(_length + 2));
            _length = needed;
            return true;
        }
    }

    /// <summary>Takes everything that has gathered; empty when there is nothing. Give it back with <see cref="Written"/> before the next take.</summary>
    public ArraySegment<byte> Take()
    {
        lock (Gate)
        {
            if (_length == 0)
            {
                return default;
            }

            var block = new ArraySegment<byte>(_gathering!, 0, _length);
            _writing = _length;
            _gathering = null;
            _length = 0;
            return block;
        }
    }

    /// <summary>A block was written, or cannot be.</summary>
    public void Written(ArraySegment<byte> block)
    {
        lock (Gate)
        {
            _writing = 0;
        }

        memory.Return(block.Array!);
    }

    /// <summary>Forgets what has gathered: the client is gone.</summary>
    public void Clear()
    {
        var block = Take();
        if (block.Count > 0)
        {
            Written(block);
        }
    }

    private bool TryGrow(int needed)
    {
        if (memory.TryRent(Math.Max(2048, needed)) is not { } larger)
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
