using DnsFlow.Limits;

namespace DnsFlow.Caching;

/// <summary>
/// Open addressing with linear probing over 16-octet slots, at most half full. One writer; any thread reads. A reader may miss an entry while
/// the writer moves slots together after a removal: a miss, never another entry, since the key is compared at the entry.
/// </summary>
internal sealed class CacheIndex : IDisposable
{
    private readonly NativeTable<CacheSlot> _slots;

    /// <summary>Makes an index of any size.</summary>
    public CacheIndex(int slots) => _slots = new NativeTable<CacheSlot>(slots);

    /// <summary>The number of slots.</summary>
    public int Length => _slots.Length;

    /// <summary>The slot at a place that <see cref="Home"/> or <see cref="Next"/> named.</summary>
    public ref CacheSlot this[int place] => ref _slots[place];

    /// <summary>Where the search for a hash begins.</summary>
    public int Home(ulong hash) => (int)(((ulong)(uint)hash * (uint)_slots.Length) >> 32);

    /// <summary>The place behind <paramref name="place"/>.</summary>
    public int Next(int place) => place + 1 < _slots.Length ? place + 1 : 0;

    /// <summary>Asks the processor to load the line in which the search for a hash begins.</summary>
    public void Prefetch(ulong hash) => _slots.Prefetch(Home(hash));

    /// <summary>The place of the slot for this hash and position, or -1: then the entry there is dead. Owner only.</summary>
    public int Find(ulong hash, ulong position)
    {
        for (var place = Home(hash); _slots[place].Position is not 0 and var found; place = Next(place))
        {
            if (found == position)
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>Adds a slot. The caller keeps the index at most half full. Owner only.</summary>
    public void Add(ulong hash, byte mark, ulong position)
    {
        var place = Home(hash);
        while (_slots[place].Position != 0)
        {
            place = Next(place);
        }

        _slots[place].Fill(hash, mark, position);
    }

    /// <summary>Empties a slot and moves those behind it together, so that no grave has to be stepped over for ever. Owner only.</summary>
    public void Remove(int place)
    {
        for (var next = Next(place); _slots[next].Position is not 0 and var position; next = Next(next))
        {
            ref var slot = ref _slots[next];
            if (Distance(Home(slot.Hash), next) >= Distance(place, next))
            {
                _slots[place].Fill(slot.Hash, slot.Mark, position);
                place = next;
            }
        }

        _slots[place].Position = 0;
    }

    /// <summary>Empties all slots. Owner only.</summary>
    public void Clear()
    {
        for (var place = 0; place < _slots.Length; place++)
        {
            // Only where something is: an untouched page stays untouched.
            if (_slots[place].Position != 0)
            {
                _slots[place].Position = 0;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    private int Distance(int from, int to) => to >= from ? to - from : to - from + _slots.Length;
}
