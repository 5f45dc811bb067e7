using DnsFlow.Names;
using DnsFlow.Protocol;

namespace DnsFlow.Lists;

/// <summary>Numbered names of servers, asked for the one that says most about a name: itself, else the longest it is below of. Immutable; allocates nothing when asked.</summary>
internal sealed class ServerNameTable
{
    private readonly ulong[] _hashes;
    private readonly Entry[] _entries;
    private readonly ulong _depths;

    /// <summary>Makes a table; of equal names the first counts.</summary>
    public ServerNameTable(IEnumerable<(byte[] Name, bool IsBelow, int Number)> names)
    {
        var sorted = names.Select(static one => (Hash: NameSuffixes.Hash(one.Name), Entry: new Entry(one.Name, one.IsBelow, one.Number)))
            .OrderBy(static one => one.Hash).ThenBy(static one => one.Entry.Number).ToList();
        _hashes = [.. sorted.Select(static one => one.Hash)];
        _entries = [.. sorted.Select(static one => one.Entry)];
        _depths = _entries.Aggregate(0UL, static (depths, entry) => depths | NameSuffixes.DepthBit(WireName.CountLabels(entry.Name)));
    }

    /// <summary>
    /// The number of the entry for a name in wire form and lower case; -1 = none. The higher <paramref name="rank"/>, the more the entry says: more labels, and with
    /// as many the name itself before what is below.
    /// </summary>
    public int Find(ReadOnlySpan<byte> name, out int rank)
    {
        rank = 0;
        var labels = WireName.CountLabels(name);
        for (var offset = 0; labels > 0; offset += name[offset] + 1, labels--)
        {
            if ((_depths & NameSuffixes.DepthBit(labels)) != 0 && Find(name[offset..], isBelow: offset > 0) is >= 0 and var number)
            {
                rank = (labels * 2) + (offset == 0 ? 1 : 0);
                return number;
            }
        }

        return -1;
    }

    private int Find(ReadOnlySpan<byte> suffix, bool isBelow)
    {
        var hash = NameSuffixes.Hash(suffix);
        var index = Array.BinarySearch(_hashes, hash);
        while (index > 0 && _hashes[index - 1] == hash)
        {
            index--;
        }

        for (; (uint)index < (uint)_hashes.Length && _hashes[index] == hash; index++)
        {
            ref readonly var entry = ref _entries[index];
            if (entry.IsBelow == isBelow && suffix.SequenceEqual(entry.Name))
            {
                return entry.Number;
            }
        }

        return -1;
    }

    private readonly record struct Entry(byte[] Name, bool IsBelow, int Number);
}
