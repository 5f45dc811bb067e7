using DnsFlow.Protocol;

namespace DnsFlow.Names;

/// <summary>
/// Many name patterns compiled for one lookup: a tree of labels held in arrays, its edges in one open-addressed table. A lookup walks the labels from
/// the root and stops at the first that no pattern has; it allocates nothing and its labels are compared octet by octet, so hash collisions cost time only.
/// Immutable and thread safe.
/// </summary>
public sealed class NameIndex
{
    /// <summary>How many sets one lookup gives at most: one per label and one for the root.</summary>
    public const int MaxMatches = 128;

    private const int NodeBits = 24;

    private readonly int[] _slots;
    private readonly Node[] _nodes;
    private readonly byte[] _labels;
    private readonly int[] _setStarts;
    private readonly int[] _ordinals;
    private readonly ulong _seed;

    internal NameIndex(int[] slots, Node[] nodes, byte[] labels, int[] setStarts, int[] ordinals, ulong seed)
    {
        _slots = slots;
        _nodes = nodes;
        _labels = labels;
        _setStarts = setStarts;
        _ordinals = ordinals;
        _seed = seed;
    }

    /// <summary>The most nodes (labels in their place) an index can have.</summary>
    public static int MaxNodes => (1 << NodeBits) - 2;

    /// <summary>An index without patterns.</summary>
    public static NameIndex Empty { get; } = new NameIndexBuilder().Build();

    /// <summary>How many octets the index takes.</summary>
    public long Bytes => ((long)_slots.Length * sizeof(int)) + ((long)_nodes.Length * Node.Size) + _labels.Length
        + (((long)_setStarts.Length + _ordinals.Length) * sizeof(int));

    /// <summary>
    /// Finds every pattern that covers <paramref name="name"/>, which is in wire form and lower case. Writes the numbers of sets into
    /// <paramref name="sets"/> (<see cref="MaxMatches"/> suffice), the most general first, the most specific last, and returns how many.
    /// A pattern's ordinal may be in several sets.
    /// </summary>
    public int Find(ReadOnlySpan<byte> name, Span<int> sets)
    {
        Span<byte> offsets = stackalloc byte[MaxMatches];
        var labels = 0;
        for (var position = 0; name[position] != 0; position += name[position] + 1)
        {
            offsets[labels++] = (byte)position;
        }

        var found = 0;
        var node = 0;
        while (labels > 0)
        {
            if (_nodes[node].Below != 0)
            {
                sets[found++] = _nodes[node].Below;
            }

            var offset = offsets[--labels];
            node = FindChild(node, name.Slice(offset, name[offset] + 1));
            if (node < 0)
            {
                return found;
            }
        }

        if (_nodes[node].At != 0)
        {
            sets[found++] = _nodes[node].At;
        }

        return found;
    }

    /// <summary>The ordinals of a set, ascending and each once.</summary>
    public ReadOnlySpan<int> Ordinals(int set) => _ordinals.AsSpan(_setStarts[set].._setStarts[set + 1]);

    /// <summary>Where the search for a child begins, and what marks its slot.</summary>
    internal static uint HashChild(int parent, ReadOnlySpan<byte> label, ulong seed) => (uint)(WireName.Hash(label, seed ^ ((ulong)(uint)parent << 20)) >> 16);

    /// <summary>A slot that leads to <paramref name="node"/>: its number and eight bits of the hash, so that few wrong nodes are looked at.</summary>
    internal static int MakeSlot(int node, uint hash) => (int)((hash & 0xFF000000) | (uint)(node + 1));

    /// <summary>The node a slot leads to; -1 when it is free.</summary>
    internal static int NodeOf(int slot) => (slot & ((1 << NodeBits) - 1)) - 1;

    /// <summary>Whether the slot may lead to the node with this hash.</summary>
    internal static bool MayMatch(int slot, uint hash) => (((uint)slot ^ hash) & 0xFF000000) == 0;

    private int FindChild(int parent, ReadOnlySpan<byte> label)
    {
        var hash = HashChild(parent, label, _seed);
        var mask = _slots.Length - 1;
        for (var i = (int)hash & mask; _slots[i] != 0; i = (i + 1) & mask)
        {
            if (!MayMatch(_slots[i], hash))
            {
                continue;
            }

            var node = NodeOf(_slots[i]);
            if (_nodes[node].Parent == parent && _labels.AsSpan(_nodes[node].Label).StartsWith(label))
            {
                return node;
            }
        }

        return -1;
    }

    /// <summary>One label in its place.</summary>
    internal struct Node
    {
        /// <summary>Octets in memory.</summary>
        public const int Size = 16;

        /// <summary>The node of the name without this label.</summary>
        public int Parent;

        /// <summary>Where the label's length octet and octets lie.</summary>
        public int Label;

        /// <summary>The set of those who cover this very name; 0 = none.</summary>
        public int At;

        /// <summary>The set of those who cover everything below; 0 = none.</summary>
        public int Below;
    }
}
