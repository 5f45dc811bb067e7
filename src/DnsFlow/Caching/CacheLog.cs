using System.Numerics;
using System.Runtime.InteropServices;
using DnsFlow.Names;

namespace DnsFlow.Caching;

/// <summary>
/// Which entries stay: two rings under one index, in the manner of S3-FIFO. New entries are on probation in the small ring (a tenth); those hit
/// there move to the main ring when their time comes, the others go, unless the main ring has room. In the main ring a hit entry is spared
/// at its turn, once per mark. One scan of junk therefore passes through the small ring alone.
/// Negative entries hold at most a quarter: the small ring is a tenth, and of the main ring they get no more than the rest of the quarter.
/// One writer.
/// </summary>
internal sealed class CacheLog : IDisposable
{
    // How many entries one insertion may move: what is amortised must also be bounded each time.
    private const int MaxMoves = 32;
    private const int MaxReclaims = 4;
    private const int MinSlots = 16;
    private const int MaxSlots = 1 << 27;

    private readonly CacheRing[] _rings;
    private readonly GhostTable _ghosts;
    private readonly int _maxEntries;
    private readonly FreshnessRules _freshness;
    private readonly long _maxNegativeInMain;
    private readonly long[] _entries = new long[2];
    private long _bytes;
    private long _evictions;

    /// <summary>Makes a log that, with its tables, takes at most <paramref name="bytes"/> octets.</summary>
    public CacheLog(long bytes, int maxEntries, in FreshnessRules freshness)
    {
        _freshness = freshness;
        // Half of the slots stay empty: 160 octets an entry, its two slots included, which leaves 126 for the entry. Larger ones are bounded
        // by the octets, smaller ones by the number.
        var slots = (int)Math.Clamp(Math.Min(bytes / 80, maxEntries > 0 ? 2L * maxEntries : MaxSlots), MinSlots, MaxSlots);
        Index = new CacheIndex(slots);
        _ghosts = new GhostTable((int)BitOperations.RoundUpToPowerOf2((uint)slots / 4));
        _maxEntries = Math.Min(slots / 2, maxEntries > 0 ? maxEntries : int.MaxValue);
        var room = bytes - TableBytes;
        var small = room / 10;
        _rings = [new CacheRing((int)Math.Min(small, MaxRingBytes), 0), new CacheRing((int)Math.Min(room - small, MaxRingBytes), 1)];
        _maxNegativeInMain = (Small.Bytes + (long)Main.Bytes) / 4 - Small.Bytes;
    }

    /// <summary>The number of the main ring, as its positions tell it.</summary>
    public const int MainRing = 1;

    /// <summary>The largest ring: what its positions can tell apart.</summary>
    public const int MaxRingBytes = int.MaxValue - 65_535;

    /// <summary>The slots.</summary>
    public CacheIndex Index { get; }

    /// <summary>The number of entries.</summary>
    public long Entries => Volatile.Read(ref _entries[0]) + Volatile.Read(ref _entries[1]);

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

    private CacheRing Small => _rings[0];

    private CacheRing Main => _rings[1];

    private long TableBytes => Index.Length * 16L + 64 + _ghosts.Bytes + 64;

    /// <summary>The ring a position belongs to.</summary>
    public CacheRing RingOf(ulong position) => _rings[CacheRing.RingOf(position)];

    /// <summary>Makes room for an entry and returns where it is to be written. Slots move: places found before are void. Owner only.</summary>
    public Span<byte> Append(ulong hash, int octets, bool isNegative, bool isHot, long now, out ulong position)
    {
        var units = (octets + CacheRing.Unit - 1) / CacheRing.Unit;
        var moves = MaxMoves;
        MakeRoomInNumber(now, ref moves);
        if ((_ghosts.Take(hash) || isHot) && MainTakes(units, isNegative))
        {
            MakeRoomInMain(units, now, ref moves);
            return Main.Append(units, isNegative, out position);
        }

        while (!Small.Fits(units))
        {
            EvictFromSmall(now, mayFillMain: true, ref moves);
        }

        return Small.Append(units, isNegative, out position);
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

    /// <summary>Whether nobody may have an entry any more. One whose time is over but that was in use may still be given when upstreams fail.</summary>
    private bool IsSpent(in EntryHeader header, byte mark, long now) => header.IsExpired(now) && (mark == 0 || !_freshness.MayGive(header, now));

    private bool MainTakes(int units, bool isNegative) => !isNegative || Main.NegativeBytes + units * CacheRing.Unit <= _maxNegativeInMain;

    /// <summary>Where the number of entries is the tighter bound, the small ring keeps a tenth of it all the same.</summary>
    private void MakeRoomInNumber(long now, ref int moves)
    {
        for (var reclaims = MaxReclaims; _entries[0] + _entries[1] >= _maxEntries; reclaims--)
        {
            if (reclaims > 0 && TryReclaim(now))
            {
                continue;
            }

            if (_entries[0] > _maxEntries / 10 || !EvictFromMain(now, ref moves))
            {
                EvictFromSmall(now, mayFillMain: false, ref moves);
            }
        }
    }

    /// <summary>Takes the oldest entry out of the small ring: into the main ring or away. False when there is none.</summary>
    private bool EvictFromSmall(long now, bool mayFillMain, ref int moves)
    {
        if (!Small.TryGetTail(out var position, out var header))
        {
            return false;
        }

        var place = Index.Find(header.Hash, position);
        if (place >= 0)
        {
            var isHot = Index[place].Mark > 0;
            if (!IsSpent(header, Index[place].Mark, now) && (isHot || mayFillMain) && --moves >= 0 && TryMakeRoomFor(header, isHot, now, ref moves))
            {
                // What was in use is told by the mark alone once its time is over.
                Move(Small, position, header, mark: (byte)(header.IsExpired(now) ? 1 : 0));
            }
            else
            {
                Evict(Index.Find(header.Hash, position), position, header);
                _ghosts.Remember(header.Hash);
            }
        }

        Small.ReleaseTail(header);
        PrefetchNextVictim();
        return true;
    }

    /// <summary>Asks for what the next eviction will need, so that it is there by then: three lines far apart, which is most of an eviction's cost.</summary>
    private void PrefetchNextVictim()
    {
        if (Small.TryGetTail(out _, out var header))
        {
            Index.Prefetch(header.Hash);
            _ghosts.Prefetch(header.Hash);
            Small.PrefetchBehindTail(2 * header.Units);
        }
    }

    private bool TryMakeRoomFor(in EntryHeader header, bool isHot, long now, ref int moves)
    {
        if (!MainTakes(header.Units, (header.Flags & EntryFlags.Negative) != 0))
        {
            return false;
        }

        if (isHot)
        {
            MakeRoomInMain(header.Units, now, ref moves);
            return true;
        }

        // Not hit yet, but still better than what nobody may have any more.
        for (var i = 0; i < MaxReclaims && !Main.Fits(header.Units) && TryReclaim(now); i++)
        {
        }

        return Main.Fits(header.Units);
    }

    private bool TryReclaim(long now)
    {
        if (!Main.TryGetTail(out var position, out var header))
        {
            return false;
        }

        var place = Index.Find(header.Hash, position);
        if (place >= 0 && !IsSpent(header, Index[place].Mark, now))
        {
            return false;
        }

        Evict(place, position, header);
        Main.ReleaseTail(header);
        return true;
    }

    private void MakeRoomInMain(int units, long now, ref int moves)
    {
        while (!Main.Fits(units))
        {
            EvictFromMain(now, ref moves);
        }
    }

    private bool EvictFromMain(long now, ref int moves)
    {
        if (!Main.TryGetTail(out var position, out var header))
        {
            return false;
        }

        var place = Index.Find(header.Hash, position);
        var mark = place >= 0 ? Index[place].Mark : (byte)0;
        Main.ReleaseTail(header);
        if (mark == 0 || IsSpent(header, mark, now) || --moves < 0)
        {
            Evict(place, position, header);
            return true;
        }

        // Spared: written again at the head. Its octets lie in released memory now, which nothing overwrites before they are moved,
        // but for the two of an end mark, and those are in the header, of which we have a copy.
        var none = 0;
        MakeRoomInMain(header.Units, now, ref none);
        Move(Main, position, header, (byte)(mark - 1));
        return true;
    }

    private void Move(CacheRing source, ulong position, in EntryHeader header, byte mark)
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

    private void Evict(int place, ulong position, in EntryHeader header)
    {
        if (place >= 0)
        {
            Index.Remove(place);
            Account(-1, position, header.Units);
            Volatile.Write(ref _evictions, _evictions + 1);
        }
    }

    private void Account(int entries, ulong position, int units)
    {
        ref var count = ref _entries[CacheRing.RingOf(position)];
        Volatile.Write(ref count, count + entries);
        Volatile.Write(ref _bytes, _bytes + entries * (units * CacheRing.Unit + 32L));
    }
}
