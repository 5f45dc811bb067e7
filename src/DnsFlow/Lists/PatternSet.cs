using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using DnsFlow.Protocol;

namespace DnsFlow.Lists;

/// <summary>
/// The patterns of a list, found by three letters that each has in a row: a name's own triples are looked up in a small bit map, and only where one is there are up to
/// eight letters compared, and only then is the pattern itself tried, whose parts lie all over the memory. Immutable; allocates nothing when asked.
/// </summary>
internal sealed class PatternSet
{
    /// <summary>The letters that a key needs for its pattern to be found by them; others are tried with every name.</summary>
    public const int MinAnchor = 3;

    private const int FilterBits = 16;
    private const int BucketBits = 12;
    private const int SampledNames = 20_000;

    private readonly ImmutableArray<PatternEntry> _patterns;
    private readonly ulong[] _filter = new ulong[(1 << FilterBits) / 64];
    private readonly Anchor[] _anchors;
    private readonly int[] _buckets = new int[(1 << BucketBits) + 1];
    private readonly int[] _always;

    /// <summary>Makes the set of a list's patterns.</summary>
    public PatternSet(ListData list)
    {
        _patterns = list.Patterns;
        _always = [.. Enumerable.Range(0, _patterns.Length).Where(i => _patterns[i].Pattern.Key.Length < MinAnchor)];

        // The triple of each that is rarest in names, so that most names have none of them.
        var frequency = Frequencies(list);
        var anchored = Enumerable.Range(0, _patterns.Length).Where(i => _patterns[i].Pattern.Key.Length >= MinAnchor)
            .Select(i => (Place: Rarest(_patterns[i].Pattern.Key, frequency, out var at), Anchor: Anchor.Of(_patterns[i].Pattern.Key[at..], i)))
            .OrderBy(static one => one.Place).ToList();
        _anchors = [.. anchored.Select(static one => one.Anchor)];
        foreach (var (place, _) in anchored)
        {
            _filter[place >> 6] |= 1UL << (place & 63);
            _buckets[Bucket(place) + 1]++;
        }

        for (var bucket = 0; bucket < 1 << BucketBits; bucket++)
        {
            _buckets[bucket + 1] += _buckets[bucket];
        }
    }

    /// <summary>How often triples are in names, learned from those of the list.</summary>
    private static int[] Frequencies(ListData list)
    {
        var frequency = new int[1 << FilterBits];
        var octets = list.Records.Blocks == 0 ? [] : (ReadOnlySpan<byte>)list.Records.Block(0);
        Span<byte> text = stackalloc byte[WireName.MaxLength + sizeof(ulong)];
        for (var (position, left) = (0, SampledNames); position < octets.Length && left > 0; left--)
        {
            var name = octets[(position + ListRecords.NameOffset(ListRecords.Flags(octets[position..])))..];
            var length = WriteText(name, text);
            for (var i = 0; i + 2 < length; i++)
            {
                frequency[Place(BinaryPrimitives.ReadUInt64LittleEndian(text[i..]))]++;
            }

            position = octets.Length - name.Length + WireName.Measure(name, 0);
        }

        GC.KeepAlive(list);
        return frequency;
    }

    /// <summary>Writes the text of a name: dots between labels. A dot inside of a label becomes what no pattern has.</summary>
    private static int WriteText(ReadOnlySpan<byte> name, Span<byte> text)
    {
        var length = 0;
        for (var position = 0; name[position] != 0; position += name[position] + 1)
        {
            if (position > 0)
            {
                text[length++] = (byte)'.';
            }

            var label = name.Slice(position + 1, name[position]);
            var place = text.Slice(length, label.Length);
            label.CopyTo(place);
            place.Replace((byte)'.', (byte)0);
            length += label.Length;
        }

        return length;
    }

    /// <summary>How many patterns there are.</summary>
    public int Count => _patterns.Length;

    /// <summary>Gives the numbers of the patterns that cover a name, some perhaps twice, to a consumer.</summary>
    [SkipLocalsInit]
    public void Try(scoped ReadOnlySpan<byte> name, ref ListVerdict verdict)
    {
        Span<byte> octets = stackalloc byte[WireName.MaxLength + sizeof(ulong)];
        var length = WriteText(name, octets);
        octets.Slice(length, sizeof(ulong)).Clear();
        Span<char> room = stackalloc char[WireName.MaxLength];
        var text = room[..0];
        foreach (var pattern in _always)
        {
            text = text.IsEmpty ? room[..Encoding.Latin1.GetChars(octets[..length], room)] : text;
            Take(pattern, text, ref verdict);
        }

        for (var i = 0; i + 2 < length; i++)
        {
            var window = BinaryPrimitives.ReadUInt64LittleEndian(octets[i..]);
            var place = Place(window);
            if ((_filter[place >> 6] & (1UL << (place & 63))) == 0)
            {
                continue;
            }

            foreach (ref readonly var anchor in _anchors.AsSpan(_buckets[Bucket(place)].._buckets[Bucket(place) + 1]))
            {
                if ((window & anchor.Mask) == anchor.Letters)
                {
                    text = text.IsEmpty ? room[..Encoding.Latin1.GetChars(octets[..length], room)] : text;
                    Take(anchor.Pattern, text, ref verdict);
                }
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

    private static int Rarest(string key, int[] frequency, out int at)
    {
        at = Enumerable.Range(0, key.Length - 2).MinBy(i => frequency[Place(Anchor.Of(key[i..], 0).Letters)]);
        return Place(Anchor.Of(key[at..], 0).Letters);
    }

    // By the first three letters.
    private static int Place(ulong window) => (int)(((uint)(window & 0xFF_FFFF) * 0x9E3779B1) >> (32 - FilterBits));

    private static int Bucket(int place) => place >> (FilterBits - BucketBits);

    /// <summary>Letters that a name has where a pattern covers it.</summary>
    /// <param name="Letters">Eight at most, the first in the lowest octet.</param>
    /// <param name="Mask">Which octets are in use.</param>
    /// <param name="Pattern">The pattern's number.</param>
    private readonly record struct Anchor(ulong Letters, ulong Mask, int Pattern)
    {
        public static Anchor Of(string key, int pattern)
        {
            var (letters, mask) = (0UL, 0UL);
            for (var i = 0; i < Math.Min(key.Length, sizeof(ulong)); i++)
            {
                letters |= (ulong)(byte)key[i] << (8 * i);
                mask |= 0xFFUL << (8 * i);
            }

            return new(letters, mask, pattern);
        }
    }
}
