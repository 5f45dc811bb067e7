using DnsFlow.Protocol;

namespace DnsFlow.Zones;

/// <summary>
/// A hash table from octets (mostly a lower-case name in wire form) to a value, asked with a span so that a lookup allocates nothing.
/// Open addressing, at most half full. Safe for many readers once it is no longer written to.
/// </summary>
internal sealed class NameTable<T>(ulong seed)
    where T : class
{
    private const int SlotSize = 3 * sizeof(ulong);

    private Slot[] _slots = new Slot[4];

    /// <summary>How many entries there are.</summary>
    public int Count { get; private set; }

    /// <summary>About how many octets the table and its keys take, without the values.</summary>
    public long Bytes => ((long)_slots.Length * SlotSize) + Entries.Sum(static entry => ZoneMemory.OfArray(entry.Key.Length));

    /// <summary>Keys and values, in no order.</summary>
    public IEnumerable<(byte[] Key, T Value)> Entries => _slots.Where(slot => slot.Value is not null).Select(slot => (slot.Key, slot.Value!));

    /// <summary>The values, in no order.</summary>
    public IEnumerable<T> Values => Entries.Select(entry => entry.Value);

    /// <summary>The value of a key, or null.</summary>
    public T? Find(ReadOnlySpan<byte> key) => _slots[Locate(_slots, key, WireName.Hash(key, seed))].Value;

    /// <summary>An empty table with the same seed.</summary>
    public NameTable<T> CloneEmpty() => new(seed);

    /// <summary>Adds an entry; false when the key is there already, and then nothing changes. The table keeps <paramref name="key"/>.</summary>
    public bool TryAdd(byte[] key, T value)
    {
        if (Count * 2 >= _slots.Length)
        {
            Grow();
        }

        var hash = WireName.Hash(key, seed);
        ref var slot = ref _slots[Locate(_slots, key, hash)];
        if (slot.Value is not null)
        {
            return false;
        }

        slot = new Slot(hash, key, value);
        Count++;
        return true;
    }

    /// <summary>The index of the key's slot, or of the empty slot where it would go. There always is an empty one.</summary>
    private static int Locate(Slot[] slots, ReadOnlySpan<byte> key, ulong hash)
    {
        var mask = slots.Length - 1;
        var index = (int)hash & mask;
        while (slots[index].Value is not null && (slots[index].Hash != hash || !key.SequenceEqual(slots[index].Key)))
        {
            index = (index + 1) & mask;
        }

        return index;
    }

    private void Grow()
    {
        var larger = new Slot[_slots.Length * 2];
        foreach (var slot in _slots)
        {
            if (slot.Value is not null)
            {
                larger[Locate(larger, slot.Key, slot.Hash)] = slot;
            }
        }

        _slots = larger;
    }

    private readonly record struct Slot(ulong Hash, byte[] Key, T? Value);
}
