using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>The set of types of NSEC, NSEC3 and CSYNC: windows of 256 types, each with a bit map of 1 to 32 octets (RFC 4034 section 4.1.2).</summary>
internal sealed class TypeBitmapField : RdataField
{
    public override bool TryRead(ref RdataReader reader) => TryWalk(ref reader, null);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text) => TryWalk(ref reader, text);

    public override bool TryParse(ref RdataParser parser)
    {
        if (!TryTakeTypes(ref parser, out var types))
        {
            return false;
        }

        Span<byte> bits = stackalloc byte[32];
        foreach (var window in types.GroupBy(type => type >> 8))
        {
            bits.Clear();
            foreach (var type in window)
            {
                bits[(type & 0xFF) >> 3] |= (byte)(0x80 >> (type & 7));
            }

            var length = bits.LastIndexOfAnyExcept((byte)0) + 1;
            parser.Output.Add((byte)window.Key);
            parser.Output.Add((byte)length);
            parser.Output.AddRange(bits[..length]);
        }

        return true;
    }

    /// <summary>Takes all words left as types.</summary>
    internal static bool TryTakeTypes(ref RdataParser parser, out SortedSet<ushort> types)
    {
        types = [];
        while (!parser.IsAtEnd)
        {
            if (!parser.TryTakeBare("a type", out var word))
            {
                return false;
            }

            if (!RecordTypes.TryParse(word, out var type))
            {
                return parser.Fail("a type", word);
            }

            types.Add((ushort)type);
        }

        return true;
    }

    /// <summary>Appends the types whose bits are set, the first bit standing for <paramref name="first"/>.</summary>
    internal static void AppendTypes(StringBuilder text, int first, ReadOnlySpan<byte> bits, ref string separator)
    {
        for (var bit = 0; bit < bits.Length * 8; bit++)
        {
            if ((bits[bit >> 3] & (0x80 >> (bit & 7))) != 0)
            {
                text.Append(separator).Append(((RecordType)(first + bit)).ToText());
                separator = " ";
            }
        }
    }

    private static bool TryWalk(ref RdataReader reader, StringBuilder? text)
    {
        var previous = -1;
        var separator = "";
        while (!reader.IsAtEnd)
        {
            if (!reader.TryTake(2, out var head) || head[0] <= previous || head[1] is 0 or > 32
                || !reader.TryTake(head[1], out var bits))
            {
                return false;
            }

            if (text is not null)
            {
                // Zeros at the end have no presentation form; such a map is legal to receive but printed generically.
                if (bits[^1] == 0)
                {
                    return false;
                }

                AppendTypes(text, head[0] << 8, bits, ref separator);
            }

            previous = head[0];
        }

        return true;
    }
}
