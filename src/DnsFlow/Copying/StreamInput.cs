using System.Buffers.Binary;
using DnsFlow.Limits;

namespace DnsFlow.Copying;

/// <summary>
/// Cuts what a client sends on a stream into messages. Whole messages are taken out of the read buffer in place; only a message that
/// is cut by the end of a read is copied, into a buffer rented for as long as that lasts. A part of its owner, so that ten thousand idle flows do not have an object
/// more each; never copied.
/// </summary>
internal struct StreamInput(MemoryPool memory)
{
    private byte[]? _partial;
    private int _length;

    /// <summary>Whether a message has begun and is not complete.</summary>
    public readonly bool IsPartial => _length > 0;

    /// <summary>Whether there was no memory for a message that is cut: the rest of the stream makes no sense any more.</summary>
    public bool IsStarved { get; private set; }

    /// <summary>
    /// Takes the next message out of <paramref name="data"/> and moves it forward. False when there is no whole one; the rest is kept then.
    /// The message stays valid until the next call.
    /// </summary>
    public bool TryTake(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> message)
    {
        if (_length > 0)
        {
            return TryComplete(ref data, out message);
        }

        ReleaseBuffer();
        if (data.Length >= 2)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(data);
            if (data.Length >= 2 + length)
            {
                message = data.Slice(2, length);
                data = data[(2 + length)..];
                return true;
            }
        }

        Keep(ref data, data.Length);
        message = default;
        return false;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Clear()
    {
        _length = 0;
        ReleaseBuffer();
    }

    private bool TryComplete(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (_length < 2)
        {
            Keep(ref data, Math.Min(data.Length, 2 - _length));
            if (_length < 2)
            {
                return false;
            }
        }

        int whole = 2 + BinaryPrimitives.ReadUInt16BigEndian(_partial);
        Keep(ref data, Math.Min(data.Length, whole - _length));
        if (_length < whole)
        {
            return false;
        }

        message = _partial.AsSpan(2, whole - 2);
        _length = 0;        // the buffer itself stays until the next call, for the message lies in it
        return true;
    }

    private void Keep(ref ReadOnlySpan<byte> data, int count)
    {
        if (count == 0)
        {
            return;
        }

        var needed = _length + count;
        if (_length >= 2)
        {
            needed = Math.Max(needed, 2 + BinaryPrimitives.ReadUInt16BigEndian(_partial));
        }

        if (_partial is null || _partial.Length < needed)
        {
            if (memory.TryRent(Math.Max(512, needed)) is not { } larger)
            {
                IsStarved = true;
                data = default;
                return;
            }

            _partial.AsSpan(0, _length).CopyTo(larger);
            ReleaseBuffer();
            _partial = larger;
        }

        data[..count].CopyTo(_partial.AsSpan(_length));
        _length += count;
        data = data[count..];
    }

    private void ReleaseBuffer()
    {
        if (_partial is { } buffer)
        {
            _partial = null;
            memory.Return(buffer);
        }
    }
}
