using System.Runtime.CompilerServices;

namespace DnsFlow.Limits;

/// <summary>
/// Finds slots of a fixed-size table by hash: open addressing over native memory, at most half full, deletion by shifting back, so that it
/// never degrades and never allocates. It knows hashes only; the caller compares keys. One owner.
/// </summary>
internal sealed class HashIndex : IDisposable
{
    private readonly NativeTable<Entry> _entries;
    private readonly uint _mask;

    /// <summary>Makes an index for at most <paramref name="capacity"/> slots.</summary>
    public HashIndex(int capacity)
    {
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, capacity * 2));
        _entries = new NativeTable<Entry>(size);
        _mask = (uint)size - 1;
    }

    /// <summary>The size in octets.</summary>
    public long Bytes => _entries.Bytes;

    /// <summary>Begins a search: call <see cref="Probe.Next"/> until the caller's key is found or it returns false.</summary>
    public Probe Find(ulong hash) => new(this, Tag(hash));

    /// <summary>Asks the processor to load the line a search would begin at.</summary>
    public void Prefetch(ulong hash) => _entries.Prefetch((int)(Tag(hash) & _mask));

    /// <summary>Adds a slot. The caller keeps the number of slots within the capacity.</summary>
    public void Add(ulong hash, int slot)
    {
        var tag = Tag(hash);
        var position = tag & _mask;
        while (_entries[(int)position].SlotPlusOne != 0)
        {
            position = (position + 1) & _mask;
        }

        _entries[(int)position] = new Entry { Tag = tag, SlotPlusOne = slot + 1 };
    }

    /// <summary>Removes a slot that was added under <paramref name="hash"/>.</summary>
    public void Remove(ulong hash, int slot)
    {
        var position = Tag(hash) & _mask;
        while (_entries[(int)position].SlotPlusOne != slot + 1)
        {
            if (_entries[(int)position].SlotPlusOne == 0)
            {
                throw new InvalidOperationException("The slot is not in the index.");
            }

            position = (position + 1) & _mask;
        }

        Close(position);
    }

    /// <inheritdoc/>
    public void Dispose() => _entries.Dispose();

    private static uint Tag(ulong hash) => (uint)(hash >> 32) ^ (uint)hash;

    /// <summary>Moves later entries of the run into the gap, so that no search ends early.</summary>
    private void Close(uint gap)
    {
        var position = gap;
        while (true)
        {
            position = (position + 1) & _mask;
            var entry = _entries[(int)position];
            if (entry.SlotPlusOne == 0)
            {
                break;
            }

            var home = entry.Tag & _mask;
            if (((position - home) & _mask) >= ((position - gap) & _mask))
            {
                _entries[(int)gap] = entry;
                gap = position;
            }
        }

        _entries[(int)gap] = default;
    }

    private struct Entry
    {
        public uint Tag;
        public int SlotPlusOne;
    }

    /// <summary>A search in progress.</summary>
    public ref struct Probe(HashIndex index, uint tag)
    {
        private uint _position = tag & index._mask;

        /// <summary>The next slot whose hash fits; false when there is none.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Next(out int slot)
        {
            while (true)
            {
                ref var entry = ref index._entries[(int)_position];
                slot = entry.SlotPlusOne - 1;
                if (slot < 0)
                {
                    return false;
                }

                _position = (_position + 1) & index._mask;
                if (entry.Tag == tag)
                {
                    return true;
                }
            }
        }
    }
}
