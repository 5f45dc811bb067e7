using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>A number of 1, 2 or 4 octets in decimal; <paramref name="mnemonics"/> are understood, but numbers are printed.</summary>
internal sealed class NumberField(int size, IReadOnlyDictionary<string, ushort>? mnemonics = null) : RdataField
{
    private readonly uint _greatest = uint.MaxValue >> (32 - (8 * size));

    public override bool TryRead(ref RdataReader reader) => reader.TryTake(size, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTake(size, out var octets))
        {
            return false;
        }

        text.Append(CultureInfo.InvariantCulture, $"{BigEndian.Read(octets)}");
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (!parser.TryTakeBare("a number", out var word))
        {
            return false;
        }

        if (!uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > _greatest)
        {
            if (mnemonics is null || !mnemonics.TryGetValue(word.ToString(), out var known))
            {
                return parser.Fail($"a number from 0 to {_greatest}", word);
            }

            number = known;
        }

        BigEndian.Append(parser.Output, number, size);
        return true;
    }
}
