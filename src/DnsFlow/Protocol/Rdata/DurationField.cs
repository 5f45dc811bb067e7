using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>SOA's times: seconds of 32 bits, which zone files also write with units.</summary>
internal sealed class DurationField : RdataField
{
    public override bool TryRead(ref RdataReader reader) => reader.TryTake(4, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTake(4, out var octets))
        {
            return false;
        }

        text.Append(CultureInfo.InvariantCulture, $"{BinaryPrimitives.ReadUInt32BigEndian(octets)}");
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (!parser.TryTakeBare("a time", out var word))
        {
            return false;
        }

        if (!DurationText.TryParse(word, out var seconds))
        {
            return parser.Fail("a number of seconds, or one with units as in 1h30m,", word);
        }

        parser.WriteUInt32(seconds);
        return true;
    }
}
