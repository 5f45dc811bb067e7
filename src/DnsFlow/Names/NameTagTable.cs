using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DnsFlow.Limits;

namespace DnsFlow.Names;

/// <summary>
/// A hash table of 32-bit values that holds no keys: eight bits of each hash lie together in groups of sixteen, which are compared at once, so that a
/// lookup of what is not there mostly reads one line of a small array. Whoever finds a value compares its key. Several values may have one key.
/// Filled by one thread, then read by any, who keep the object alive meanwhile.
/// </summary>
internal sealed class NameTagTable : IDisposable
{
    private const int GroupSize = 16;

    // At most three quarters full, so that groups seldom run over into the next.
    private const int PerGroup = 12;

    private const int LineSize = GroupSize * sizeof(uint);

    // The tags of all groups, and behind them their values: those of one group are one line of the processor's cache.
    private readonly PageBuffer _pages;
    private readonly long _values;
    private readonly uint _groups;

    /// <summary>Makes a table for so many values.</summary>
    public NameTagTable(int capacity)
    {
        _groups = (uint)Math.Max(1, (capacity + PerGroup - 1) / PerGroup);
        _values = ((long)_groups * GroupSize + LineSize - 1) / LineSize * LineSize;
        _pages = PageBuffer.Of(_values + ((long)_groups * LineSize));
        Capacity = (int)_groups * PerGroup;
    }

    /// <summary>How many values fit.</summary>
    public int Capacity { get; }

    /// <summary>How many values there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many octets a table for so many values takes.</summary>
    public static long BytesFor(long capacity) => (capacity + PerGroup - 1) / PerGroup * GroupSize * (1 + sizeof(uint));

    /// <summary>Adds a value; there must be room for it.</summary>
    public void Add(ulong hash, uint value)
    {
        if (Count == Capacity)
        {
            throw new InvalidOperationException("The table is full.");
        }

        for (var group = GroupOf(hash); ; group = Next(group))
        {
            var free = Vector128.Equals(Tags(group), Vector128<byte>.Zero).ExtractMostSignificantBits();
            if (free != 0)
            {
                var slot = System.Numerics.BitOperations.TrailingZeroCount(free);
                _pages.Slice((long)group * GroupSize, GroupSize)[slot] = TagOf(hash);
                Values(group)[slot] = value;
                Count++;
                return;
            }
        }
    }

    /// <summary>The values whose keys may have this hash.</summary>
    public Probe Find(ulong hash) => new(this, hash);

    /// <summary>Asks the processor to load where a lookup begins: the tags, and along with them the values, for which a name that is there would have to wait afterwards.</summary>
    public void Prefetch(ulong hash)
    {
        var group = GroupOf(hash);
        _pages.Prefetch((long)group * GroupSize);
        _pages.Prefetch(_values + ((long)group * LineSize));
    }

    /// <inheritdoc/>
    public void Dispose() => _pages.Dispose();

    // 0 marks a free slot.
    private static byte TagOf(ulong hash) => (byte)Math.Max(1u, (byte)(hash >> 8));

    private uint GroupOf(ulong hash) => (uint)(((hash >> 32) * _groups) >> 32);

    private uint Next(uint group) => group + 1 == _groups ? 0 : group + 1;

    private Vector128<byte> Tags(uint group) => Vector128.Create((ReadOnlySpan<byte>)_pages.Slice((long)group * GroupSize, GroupSize));

    private Span<uint> Values(uint group) => MemoryMarshal.Cast<byte, uint>(_pages.Slice(_values + ((long)group * LineSize), LineSize));

    /// <summary>Walks the values that a key may have.</summary>
    public struct Probe
    {
        private readonly NameTagTable _table;
        private readonly Vector128<byte> _tag;
        private uint _group;
        private uint _matches;
        private bool _isLast;

        internal Probe(NameTagTable table, ulong hash)
        {
            _table = table;
            _tag = Vector128.Create(TagOf(hash));
            _group = table.GroupOf(hash);
            Load();
        }

        /// <summary>The next value; false after the last.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext(out uint value)
        {
            while (_matches == 0)
            {
                if (_isLast)
                {
                    value = 0;
                    return false;
                }

                _group = _table.Next(_group);
                Load();
            }

            value = _table.Values(_group)[System.Numerics.BitOperations.TrailingZeroCount(_matches)];
            _matches &= _matches - 1;
            return true;
        }

        private void Load()
        {
            var tags = _table.Tags(_group);
            _matches = Vector128.Equals(tags, _tag).ExtractMostSignificantBits();
            _isLast = Vector128.Equals(tags, Vector128<byte>.Zero).ExtractMostSignificantBits() != 0;
        }
    }
}
