using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>The set of types of NXT: one bit map for the types 0 to 127 (RFC 2535 section 5.2).</summary>
internal sealed class OldTypeBitmapField : RdataField
{
    public override bool TryRead(ref RdataReader reader) => reader.Rest.Length <= 16 && reader.TryTake(reader.Rest.Length, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        reader.TryTake(reader.Rest.Length, out var bits);
        if (bits.Length > 16 || bits is [.., 0])
        {
            return false;
        }

        var separator = "";
        TypeBitmapField.AppendTypes(text, 0, bits, ref separator);
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (!TypeBitmapField.TryTakeTypes(ref parser, out var types))
        {
            return false;
        }

        if (types.Max > 127)
        {
            return parser.Fail("a type of at most 127", ((RecordType)types.Max).ToText());
        }

        Span<byte> bits = stackalloc byte[16];
        bits.Clear();
        foreach (var type in types)
        {
            bits[type >> 3] |= (byte)(0x80 >> (type & 7));
        }

        parser.Output.AddRange(bits[..(bits.LastIndexOfAnyExcept((byte)0) + 1)]);
        return true;
    }
}
