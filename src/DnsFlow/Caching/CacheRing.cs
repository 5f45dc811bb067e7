using System.Runtime.InteropServices;
using DnsFlow.Limits;

namespace DnsFlow.Caching;

/// <summary>
/// A log of entries in a ring of native memory: written at the head, released at the tail, first in first out. One writer; any thread reads.
/// A position is (lap, offset in units of 16 octets, ring) as one number that only grows, so "is this entry still whole" is one comparison
/// with the tail, made after the entry was copied out: the writer moves the tail before it overwrites what lies behind it.
/// </summary>
internal sealed class CacheRing : IDisposable
{
    /// <summary>Entries begin at multiples of this many octets.</summary>
    public const int Unit = 16;

    private const int LapShift = 28;
    private const ulong Lap = 1UL << LapShift;

    private readonly NativeBuffer _memory;
    private readonly int _units;
    private ulong _head;
    private ulong _tail;

    /// <summary>Makes a ring of <paramref name="bytes"/> octets; <paramref name="number"/> is 0 or 1 and told by each of its positions.</summary>
    public CacheRing(int bytes, int number)
    {
        _units = bytes / Unit;
        _memory = new NativeBuffer(_units * Unit);
        _head = _tail = Lap | (uint)number;
    }

    /// <summary>The size in octets.</summary>
    public int Bytes => _memory.Length;

    /// <summary>The largest entry: half of the ring, so that one always fits after enough releases, wherever the head is.</summary>
    public int MaxEntryBytes => _units / 2 * Unit;

    /// <summary>The octets of negative entries in the log, dead ones counted.</summary>
    public long NegativeBytes { get; private set; }

    /// <summary>The number of the ring a position belongs to.</summary>
    public static int RingOf(ulong position) => (int)(position & 1);

    /// <summary>Whether the entry at a position of this ring has not been released. After reading it, to know that what was read is whole.</summary>
    public bool IsIntact(ulong position)
    {
        Volatile.ReadBarrier();
        return Volatile.Read(ref _tail) <= position;
    }

    /// <summary>
    /// The memory from a position to the end of the ring, at least one header long; empty when there is no such place. What is read from it
    /// counts only when <see cref="IsIntact"/> says so afterwards.
    /// </summary>
    public ReadOnlySpan<byte> Read(ulong position)
    {
        var offset = OffsetOf(position);
        var length = _memory.Length - offset;
        return length < EntryHeader.Size ? default : _memory.Slice(offset, length);
    }

    /// <summary>Asks the processor to load the beginning of what lies at a position.</summary>
    public void Prefetch(ulong position) => _memory.Prefetch(OffsetOf(position));

    /// <summary>Asks the processor to load what will be the oldest entry when so many units are released. Owner only.</summary>
    public void PrefetchBehindTail(int units) => _memory.Prefetch(OffsetOf(_tail) + units * Unit);

    /// <summary>The oldest entry; false when there is none. Owner only.</summary>
    public bool TryGetTail(out ulong position, out EntryHeader header)
    {
        header = default;
        while ((position = _tail) != _head)
        {
            var offset = OffsetOf(position);
            if (offset < _memory.Length && MemoryMarshal.Read<ushort>(_memory.Slice(offset + EntryHeader.UnitsOffset, 2)) != 0)
            {
                header = MemoryMarshal.Read<EntryHeader>(_memory.Slice(offset, EntryHeader.Size));
                return true;
            }

            _tail = NextLap(position);
        }

        return false;
    }

    /// <summary>
    /// The first entry at <paramref name="position"/> or behind it; false when there is none. The position moves to it; it must be that of an entry, the end of one, or 0. Owner only.
    /// </summary>
    public bool TryGetNext(ref ulong position, out EntryHeader header)
    {
        for (position = Math.Max(position, _tail); position < _head; position = NextLap(position))
        {
            var offset = OffsetOf(position);
            if (offset < _memory.Length && MemoryMarshal.Read<ushort>(_memory.Slice(offset + EntryHeader.UnitsOffset, 2)) != 0)
            {
                header = MemoryMarshal.Read<EntryHeader>(_memory.Slice(offset, EntryHeader.Size));
                return true;
            }
        }

        header = default;
        return false;
    }

    /// <summary>The end of an entry.</summary>
    public static ulong Behind(ulong position, in EntryHeader header) => position + ((ulong)header.Units << 1);

    /// <summary>Releases the oldest entry, which <see cref="TryGetTail"/> gave. Owner only.</summary>
    public void ReleaseTail(in EntryHeader header)
    {
        NegativeBytes -= (header.Flags & EntryFlags.Negative) != 0 ? header.Units * Unit : 0;
        Volatile.Write(ref _tail, _tail + ((ulong)header.Units << 1));
    }

    /// <summary>Whether an entry of so many units can be written without releasing another. Owner only.</summary>
    public bool Fits(int units) => _tail + Lap >= StartFor(units) + ((ulong)units << 1);

    /// <summary>Takes the place for an entry that <see cref="Fits"/>. The entry is the owner's to write before it publishes the position.</summary>
    public Span<byte> Append(int units, bool isNegative, out ulong position)
    {
        position = StartFor(units);
        // No reader may see new octets together with a tail that calls the old ones intact.
        Volatile.WriteBarrier();
        if (position != _head && OffsetOf(_head) < _memory.Length)
        {
            _memory.Slice(OffsetOf(_head) + EntryHeader.UnitsOffset, 2).Clear();    // the lap ends here
        }

        NegativeBytes += isNegative ? units * Unit : 0;
        _head = position + ((ulong)units << 1);
        return _memory.Slice(OffsetOf(position), units * Unit);
    }

    /// <summary>Releases all entries. Owner only.</summary>
    public void Clear()
    {
        NegativeBytes = 0;
        Volatile.Write(ref _tail, _head);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private static int OffsetOf(ulong position) => (int)((position & (Lap - 1)) >> 1) * Unit;

    private static ulong NextLap(ulong position) => ((position >> LapShift) + 1 << LapShift) | (position & 1);

    /// <summary>Entries do not wrap: one that is too long for the rest of the lap begins the next.</summary>
    private ulong StartFor(int units) => OffsetOf(_head) / Unit + units <= _units ? _head : NextLap(_head);
}
