using System.Security.Cryptography;

namespace DnsFlow.Names;

/// <summary>Collects patterns and compiles them into a <see cref="NameIndex"/>. For one thread; built once.</summary>
public sealed class NameIndexBuilder
{
    private readonly List<Entry> _entries = [];
    private readonly ulong _seed;
    private int[] _slots = new int[16];
    private NameIndex.Node[] _nodes = new NameIndex.Node[16];
    private byte[] _labels = new byte[256];
    private int _nodeCount = 1;
    private int _labelBytes = 1;        // offset 0 is the root's empty label

    /// <summary>Begins with a seed of chance, so that nobody can choose names that collide.</summary>
    public NameIndexBuilder()
        : this(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)))
    {
    }

    /// <summary>Begins with a given seed.</summary>
    public NameIndexBuilder(ulong seed) => _seed = seed;

    /// <summary>Adds a pattern; lookups that it covers yield <paramref name="ordinal"/> (0 or more). False when the index is full.</summary>
    public bool TryAdd(NamePattern pattern, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return TryAdd(pattern.Name, pattern.Scope, ordinal);
    }

    /// <summary>Adds a name in wire form and lower case. False when the index is full.</summary>
    public bool TryAdd(ReadOnlySpan<byte> name, NameScope scope, int ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        Span<byte> offsets = stackalloc byte[NameIndex.MaxMatches];
        var labels = 0;
        for (var position = 0; name[position] != 0; position += name[position] + 1)
        {
            offsets[labels++] = (byte)position;
        }

        if (_nodeCount + labels > NameIndex.MaxNodes)
        {
            return false;
        }

        var node = 0;
        while (labels > 0)
        {
            var offset = offsets[--labels];
            node = FindOrAddChild(node, name.Slice(offset, name[offset] + 1));
        }

        _entries.Add(new Entry(node, ordinal, scope));
        return true;
    }

    /// <summary>Compiles what was added.</summary>
    public NameIndex Build()
    {
        _entries.Sort();
        var sets = new SetTable();
        var at = new List<int>();
        var below = new List<int>();
        for (var i = 0; i < _entries.Count;)
        {
            var node = _entries[i].Node;
            at.Clear();
            below.Clear();
            for (; i < _entries.Count && _entries[i].Node == node; i++)
            {
                Collect(_entries[i], at, below);
            }

            _nodes[node].At = sets.Intern(at);
            _nodes[node].Below = sets.Intern(below);
        }

        return new NameIndex(_slots, _nodes[.._nodeCount], _labels[.._labelBytes], sets.Starts, sets.Ordinals, _seed);
    }

    private static void Collect(Entry entry, List<int> at, List<int> below)
    {
        if (entry.Scope != NameScope.Below && (at.Count == 0 || at[^1] != entry.Ordinal))
        {
            at.Add(entry.Ordinal);
        }

        if (entry.Scope != NameScope.Exact && (below.Count == 0 || below[^1] != entry.Ordinal))
        {
            below.Add(entry.Ordinal);
        }
    }

    private int FindOrAddChild(int parent, ReadOnlySpan<byte> label)
    {
        var hash = NameIndex.HashChild(parent, label, _seed);
        var mask = _slots.Length - 1;
        var slot = (int)hash & mask;
        for (; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            var node = NameIndex.NodeOf(_slots[slot]);
            if (NameIndex.MayMatch(_slots[slot], hash) && _nodes[node].Parent == parent && _labels.AsSpan(_nodes[node].Label).StartsWith(label))
            {
                return node;
            }
        }

        _slots[slot] = NameIndex.MakeSlot(_nodeCount, hash);
        AddNode(parent, label);
        if (_nodeCount * 3L > _slots.Length * 2L)
        {
            GrowSlots();
        }

        return _nodeCount - 1;
    }

    private void AddNode(int parent, ReadOnlySpan<byte> label)
    {
        if (_nodeCount == _nodes.Length)
        {
            Array.Resize(ref _nodes, _nodes.Length * 2);
        }

        if (_labelBytes + label.Length > _labels.Length)
        {
            Array.Resize(ref _labels, _labels.Length * 2);
        }

        label.CopyTo(_labels.AsSpan(_labelBytes));
        _nodes[_nodeCount++] = new NameIndex.Node { Parent = parent, Label = _labelBytes };
        _labelBytes += label.Length;
    }

    private void GrowSlots()
    {
        _slots = new int[_slots.Length * 2];
        var mask = _slots.Length - 1;
        for (var node = 1; node < _nodeCount; node++)
        {
            var label = _labels.AsSpan(_nodes[node].Label, _labels[_nodes[node].Label] + 1);
            var hash = NameIndex.HashChild(_nodes[node].Parent, label, _seed);
            var slot = (int)hash & mask;
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            _slots[slot] = NameIndex.MakeSlot(node, hash);
        }
    }

    private readonly record struct Entry(int Node, int Ordinal, NameScope Scope) : IComparable<Entry>
    {
        public int CompareTo(Entry other) => Node != other.Node ? Node.CompareTo(other.Node) : Ordinal.CompareTo(other.Ordinal);
    }

    /// <summary>Sets of ordinals, each kept once: a list of a million names has one.</summary>
    private sealed class SetTable
    {
        private readonly Dictionary<int, int> _single = [];
        private readonly Dictionary<string, int> _several = [];
        private readonly List<int> _starts = [0, 0];
        private readonly List<int> _ordinals = [];

        public int[] Starts => [.. _starts];

        public int[] Ordinals => [.. _ordinals];

        /// <summary>The number of the set; 0 for the empty one.</summary>
        public int Intern(List<int> ordinals)
        {
            if (ordinals.Count == 0)
            {
                return 0;
            }

            return ordinals.Count == 1 ? Find(_single, ordinals[0], ordinals) : Find(_several, string.Join(',', ordinals), ordinals);
        }

        private int Find<TKey>(Dictionary<TKey, int> known, TKey key, List<int> ordinals)
            where TKey : notnull
        {
            if (!known.TryGetValue(key, out var set))
            {
                set = _starts.Count - 1;
                _ordinals.AddRange(ordinals);
                _starts.Add(_ordinals.Count);
                known.Add(key, set);
            }

            return set;
        }
    }
}
