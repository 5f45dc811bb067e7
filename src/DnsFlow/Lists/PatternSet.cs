using System.Collections.Immutable;

namespace DnsFlow.Lists;

/// <summary>
/// The patterns of a list, found by three letters that each has in a row: a name's own triples are looked up in a small bit map, and only patterns whose
/// triple is there are tried. Immutable; allocates nothing when asked.
/// </summary>
internal sealed class PatternSet
{
    private const int FilterBits = 16;

    private readonly ImmutableArray<PatternEntry> _patterns;
    private readonly ulong[] _filter = new ulong[(1 << FilterBits) / 64];
    private readonly Dictionary<int, int[]> _byTriple = [];
    private readonly int[] _always;

    /// <summary>Makes a set.</summary>
    public PatternSet(ImmutableArray<PatternEntry> patterns)
    {
        _patterns = patterns;
        _always = [.. Enumerable.Range(0, patterns.Length).Where(i => patterns[i].Pattern.Key.Length < 3)];
        var frequency = new Dictionary<int, int>();
        foreach (var triple in patterns.SelectMany(static pattern => Triples(pattern.Pattern.Key)))
        {
            frequency[triple] = frequency.GetValueOrDefault(triple) + 1;
        }

        // The rarest triple of each, so that no common one has them all.
        var keyed = Enumerable.Range(0, patterns.Length).Where(i => patterns[i].Pattern.Key.Length >= 3)
            .GroupBy(i => Triples(patterns[i].Pattern.Key).MinBy(triple => frequency[triple]));
        foreach (var group in keyed)
        {
            _byTriple.Add(group.Key, [.. group]);
            _filter[group.Key >> 6] |= 1UL << (group.Key & 63);
        }
    }

    /// <summary>How many patterns there are.</summary>
    public int Count => _patterns.Length;

    /// <summary>Gives the numbers of the patterns that may cover a name, some perhaps twice, to a consumer.</summary>
    public void Try(scoped ReadOnlySpan<char> name, ref ListVerdict verdict)
    {
        foreach (var pattern in _always)
        {
            Take(pattern, name, ref verdict);
        }

        for (var i = 0; i + 2 < name.Length; i++)
        {
            var triple = Triple(name[i], name[i + 1], name[i + 2]);
            if ((_filter[triple >> 6] & (1UL << (triple & 63))) == 0)
            {
                continue;
            }

            foreach (var pattern in _byTriple[triple])
            {
                Take(pattern, name, ref verdict);
            }
        }
    }

    private void Take(int number, scoped ReadOnlySpan<char> name, ref ListVerdict verdict)
    {
        var pattern = _patterns[number];
        if (pattern.Pattern.Covers(name))
        {
            verdict.Take(pattern.Flags, pattern.Detail, ~number);
        }
    }

    private static IEnumerable<int> Triples(string key) => Enumerable.Range(0, Math.Max(0, key.Length - 2)).Select(i => Triple(key[i], key[i + 1], key[i + 2]));

    private static int Triple(char first, char second, char third)
        => (int)((((uint)first | ((uint)second << 8) | ((uint)third << 16)) * 0x9E3779B1) >> (32 - FilterBits));
}
