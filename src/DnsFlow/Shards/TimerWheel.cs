using System.Numerics;
using DnsFlow.Limits;

namespace DnsFlow.Shards;

/// <summary>
/// Time-outs of a fixed number of slots, one each: 1,024 ticks of 8 ms around which the entries hang in lists, so that setting and
/// clearing take constant time, and a bitmap, so that the next one is found without ticking. A time beyond the wheel's 8 s waits in the
/// last tick and is set again when that comes. One owner; no allocation.
/// </summary>
internal sealed class TimerWheel : IDisposable
{
    /// <summary>The length of a tick in microseconds.</summary>
    public const long Tick = 8 * MonotonicClock.Millisecond;

    private const int Ticks = 1024;
    private const int None = -1;

    private readonly int[] _first = new int[Ticks];
    private readonly ulong[] _occupied = new ulong[Ticks / 64];
    private readonly NativeTable<Entry> _entries;
    private long _current;
    private int _count;

    /// <summary>Makes a wheel for <paramref name="capacity"/> slots, beginning at <paramref name="now"/>.</summary>
    public TimerWheel(int capacity, long now)
    {
        _entries = new NativeTable<Entry>(capacity);
        Array.Fill(_first, None);
        _current = now / Tick;
    }

    /// <summary>Whether no time-out is set.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Sets a slot's time-out to the microsecond <paramref name="due"/>, instead of the one it may have.</summary>
    public void Set(int slot, long due)
    {
        Clear(slot);
        ref var entry = ref _entries[slot];
        entry.Due = due;
        entry.IsSet = true;
        _count++;
        Link(slot);
    }

    /// <summary>Removes a slot's time-out if it has one.</summary>
    public void Clear(int slot)
    {
        if (_entries[slot].IsSet)
        {
            Unlink(slot);
            _entries[slot].IsSet = false;
            _count--;
        }
    }

    /// <summary>
    /// Takes one slot whose time has come; -1 when there is none. Call until it returns -1; new time-outs may be set in between.
    /// </summary>
    public int TakeDue(long now)
    {
        var target = now / Tick;
        while (_count > 0)
        {
            var due = TakeFromCurrent(now);
            if (due != None || _current >= target)
            {
                return due;
            }

            _current = Math.Min(target, NextOccupied(_current + 1));
        }

        _current = Math.Max(_current, target);
        return None;
    }

    /// <summary>Milliseconds from <paramref name="now"/> until something may be due, rounded up; -1 when nothing is set.</summary>
    public int MillisecondsToNext(long now)
    {
        if (_count == 0)
        {
            return -1;
        }

        var tick = NextOccupied(_current);
        var due = Math.Max(tick * Tick, EarliestIn(tick));
        return (int)Math.Max(0, (due - now + MonotonicClock.Millisecond - 1) / MonotonicClock.Millisecond);
    }

    /// <inheritdoc/>
    public void Dispose() => _entries.Dispose();

    private int TakeFromCurrent(long now)
    {
        var slot = _first[_current & (Ticks - 1)];
        while (slot != None)
        {
            var next = _entries[slot].Next;
            if (_entries[slot].Due <= now)
            {
                Clear(slot);
                return slot;
            }

            if (_entries[slot].Due / Tick > _current)
            {
                Unlink(slot);       // it was beyond the wheel's horizon
                Link(slot);
            }

            slot = next;
        }

        return None;
    }

    /// <summary>The earliest time in a tick; its beginning when the list is long, for then the wait is short anyway.</summary>
    private long EarliestIn(long tick)
    {
        var earliest = (tick + 1) * Tick;
        var looked = 0;
        for (var slot = _first[tick & (Ticks - 1)]; slot != None; slot = _entries[slot].Next)
        {
            if (++looked > 64)
            {
                return 0;
            }

            earliest = Math.Min(earliest, _entries[slot].Due);
        }

        return earliest;
    }

    /// <summary>The first tick from <paramref name="from"/> on that has entries; once around at most.</summary>
    private long NextOccupied(long from)
    {
        for (long step = 0; step < Ticks;)
        {
            var position = (int)((from + step) & (Ticks - 1));
            var word = _occupied[position >> 6] >> (position & 63);
            if (word != 0)
            {
                return from + step + BitOperations.TrailingZeroCount(word);
            }

            step += 64 - (position & 63);
        }

        return from + Ticks;
    }

    private void Link(int slot)
    {
        ref var entry = ref _entries[slot];
        var tick = Math.Clamp(entry.Due / Tick, _current, _current + Ticks - 1);
        var position = (int)(tick & (Ticks - 1));
        entry.Position = position;
        entry.Previous = None;
        entry.Next = _first[position];
        if (entry.Next != None)
        {
            _entries[entry.Next].Previous = slot;
        }

        _first[position] = slot;
        _occupied[position >> 6] |= 1UL << (position & 63);
    }

    private void Unlink(int slot)
    {
        ref var entry = ref _entries[slot];
        if (entry.Next != None)
        {
            _entries[entry.Next].Previous = entry.Previous;
        }

        if (entry.Previous != None)
        {
            _entries[entry.Previous].Next = entry.Next;
            return;
        }

        _first[entry.Position] = entry.Next;
        if (entry.Next == None)
        {
            _occupied[entry.Position >> 6] &= ~(1UL << (entry.Position & 63));
        }
    }

    private struct Entry
    {
        public long Due;
        public int Next;
        public int Previous;
        public int Position;
        public bool IsSet;
    }
}
