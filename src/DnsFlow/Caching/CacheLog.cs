using System.Numerics;
using System.Runtime.InteropServices;
using DnsFlow.Names;

namespace DnsFlow.Caching;

/// <summary>
/// The entries of a segment: two rings that they are written to one behind the other, and one index that says which are in force. New entries begin in the small
/// ring, a tenth of the memory; which stay is <see cref="CacheEviction"/>'s to say. One writer.
/// </summary>
internal sealed class CacheLog : IDisposable
{
    private const int MinSlots = 16;
    private const int MaxSlots = 1 << 27;

    private readonly CacheRing[] _rings;
    private readonly GhostTable _ghosts;
    private readonly CacheEviction _eviction;
    private readonly long[] _entries = new long[2];
    private long _bytes;
    private long _evictions;

    /// <summary>Makes a log that, with its tables, takes at most <paramref name="bytes"/> octets.</summary>
    public CacheLog(long bytes, int maxEntries, in FreshnessRules freshness)
    {
        // Half of the slots stay empty: 160 octets an entry, its two slots included, which leaves 126 for the entry. Larger ones are bounded
        // by the octets, smaller ones by the number.
        var slots = (int)Math.Clamp(Math.Min(bytes / 80, maxEntries > 0 ? 2L * maxEntries : MaxSlots), MinSlots, MaxSlots);
        Index = new CacheIndex(slots);
        _ghosts = new GhostTable((int)BitOperations.RoundUpToPowerOf2((uint)slots / 4));
        var room = bytes - TableBytes;
        var small = room / 10;
        _rings = [new CacheRing((int)Math.Min(small, MaxRingBytes), 0), new CacheRing((int)Math.Min(room - small, MaxRingBytes), 1)];
        _eviction = new CacheEviction(this, _ghosts, Math.Min(slots / 2, maxEntries > 0 ? maxEntries : int.MaxValue), freshness);
    }

    /// <summary>The number of the main ring, as its positions tell it.</summary>
    public const int MainRing = 1;

    /// <summary>The largest ring: what its positions can tell apart.</summary>
    public const int MaxRingBytes = int.MaxValue - 65_535;

    /// <summary>The slots.</summary>
    public CacheIndex Index { get; }

    /// <summary>The number of entries.</summary>
    public long Entries => Volatile.Read(ref _entries[0]) + Volatile.Read(ref _entries[1]);

    /// <summary>The number of entries in the small ring. Owner only.</summary>
    public long EntriesInSmall => _entries[0];

    /// <summary>The octets of all entries with their slots.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>How many entries had to go before their time for others.</summary>
    public long Evictions => Volatile.Read(ref _evictions);

    /// <summary>The octets of negative entries, dead ones counted.</summary>
    public long NegativeBytes => Small.NegativeBytes + Main.NegativeBytes;

    /// <summary>All memory the log may take, tables included.</summary>
    public long CapacityBytes => TableBytes + Small.Bytes + Main.Bytes;

    /// <summary>The largest entry in octets.</summary>
    public int MaxEntryBytes => Math.Min(1 << 16, Small.MaxEntryBytes);

    /// <summary>The ring in which entries begin.</summary>
    public CacheRing Small => _rings[0];

    /// <summary>The ring of those that were asked for again.</summary>
    public CacheRing Main => _rings[1];

    private long TableBytes => Index.Length * 16L + 64 + _ghosts.Bytes + 64;

    /// <summary>The ring a position belongs to.</summary>
    public CacheRing RingOf(ulong position) => _rings[CacheRing.RingOf(position)];

    /// <summary>Makes room for an entry and returns where it is to be written. Slots move: places found before are void. Owner only.</summary>
    public Span<byte> Append(ulong hash, int octets, bool isNegative, bool isHot, long now, out ulong position)
    {
        var units = (octets + CacheRing.Unit - 1) / CacheRing.Unit;
        return _eviction.MakeRoom(hash, units, isNegative, isHot, now).Append(units, isNegative, out position);
    }

    /// <summary>Publishes an entry that was written, in place of the one at <paramref name="replaced"/> (-1 = none). Owner only.</summary>
    public void Publish(in EntryHeader header, ulong position, int replaced)
    {
        if (replaced >= 0)
        {
            ref var slot = ref Index[replaced];
            Account(-1, slot.Position, HeaderAt(slot.Position).Units);
            slot.Position = position;
        }
        else
        {
            Index.Add(header.Hash, 0, position);
        }

        Account(1, position, header.Units);
    }

    /// <summary>Removes the entry of a slot. Owner only.</summary>
    public void Remove(int place)
    {
        var position = Index[place].Position;
        Account(-1, position, HeaderAt(position).Units);
        Index.Remove(place);
    }

    /// <summary>Writes an entry that was found at the tail of a ring again, in the main one, which has room for it. Owner only.</summary>
    public void Move(CacheRing source, ulong position, in EntryHeader header, byte mark)
    {
        var body = source.Read(position)[EntryHeader.Size..(header.Units * CacheRing.Unit)];
        var destination = Main.Append(header.Units, (header.Flags & EntryFlags.Negative) != 0, out var moved);
        body.CopyTo(destination[EntryHeader.Size..]);
        MemoryMarshal.Write(destination, header);
        ref var slot = ref Index[Index.Find(header.Hash, position)];
        slot.Mark = mark;
        slot.Position = moved;
        Account(-1, position, header.Units);
        Account(1, moved, header.Units);
    }

    /// <summary>Removes the entry of a slot for others; -1 = it was dead. Owner only.</summary>
    public void Evict(int place, ulong position, in EntryHeader header)
    {
        if (place >= 0)
        {
            Index.Remove(place);
            Account(-1, position, header.Units);
            Volatile.Write(ref _evictions, _evictions + 1);
        }
    }

    /// <summary>Looks at so many entries and removes those of some names. Returns whether all were looked at. Owner only.</summary>
    public bool RemoveSome(NamePattern names, ref CacheWalk walk, int count)
    {
        for (; count > 0; count--)
        {
            if (!_rings[walk.Ring].TryGetNext(ref walk.Position, out var header))
            {
                if (walk.Ring == MainRing)
                {
                    return true;
                }

                (walk.Ring, walk.Position) = (MainRing, 0);
                continue;
            }

            if (names.Covers(CacheEntry.NameOf(_rings[walk.Ring].Read(walk.Position), header)) && Index.Find(header.Hash, walk.Position) is >= 0 and var place)
            {
                Remove(place);
                walk.Removed++;
            }

            walk.Position = CacheRing.Behind(walk.Position, header);
        }

        return false;
    }

    /// <summary>Shows every entry that is in force, those that stay longest first. Nobody writes meanwhile.</summary>
    public void Walk(ICacheVisitor visitor)
    {
        foreach (var ring in (ReadOnlySpan<CacheRing>)[Main, Small])
        {
            for (ulong position = 0; ring.TryGetNext(ref position, out var header); position = CacheRing.Behind(position, header))
            {
                if (Index.Find(header.Hash, position) >= 0)
                {
                    var entry = ring.Read(position);
                    visitor.Visit(
                        header, entry.Slice(EntryHeader.Size, header.MessageLength), MemoryMarshal.Cast<byte, ushort>(entry.Slice(header.TtlOffsetsStart, 2 * header.TtlCount)));
                }
            }
        }
    }

    /// <summary>Removes all entries. Owner only.</summary>
    public void Clear()
    {
        Small.Clear();
        Main.Clear();
        Index.Clear();
        Array.Clear(_entries);
        Volatile.Write(ref _bytes, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Index.Dispose();
        _ghosts.Dispose();
        Small.Dispose();
        Main.Dispose();
    }

    private EntryHeader HeaderAt(ulong position) => MemoryMarshal.Read<EntryHeader>(RingOf(position).Read(position));

    private void Account(int entries, ulong position, int units)
    {
        ref var count = ref _entries[CacheRing.RingOf(position)];
        Volatile.Write(ref count, count + entries);
        Volatile.Write(ref _bytes, _bytes + entries * (units * CacheRing.Unit + 32L));
    }
}
