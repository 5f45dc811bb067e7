using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>
/// A moment: 32-bit seconds of 1970 by serial number arithmetic, printed as YYYYMMDDHHmmSS UTC for the years 1970 to 2106 (RFC 4034 section 3.2).
/// A plain number of up to ten digits is read too.
/// </summary>
internal sealed class TimeField : RdataField
{
    private const string Format = "yyyyMMddHHmmss";

    public override bool TryRead(ref RdataReader reader) => reader.TryTake(4, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTake(4, out var octets))
        {
            return false;
        }

        var moment = DateTime.UnixEpoch.AddSeconds(BinaryPrimitives.ReadUInt32BigEndian(octets));
        text.Append(moment.ToString(Format, CultureInfo.InvariantCulture));
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (!parser.TryTakeBare("a time", out var word))
        {
            return false;
        }

        if (word.Length <= 10 && uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            parser.WriteUInt32(seconds);
            return true;
        }

        if (word.Length != 14 || !DateTime.TryParseExact(
                word, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
        {
            return parser.Fail("a time as YYYYMMDDHHmmSS or in seconds of 1970", word);
        }

        // Modulo 2^32: years beyond 2106 wrap around as the wire form does.
        parser.WriteUInt32(unchecked((uint)(long)(moment - DateTime.UnixEpoch).TotalSeconds));
        return true;
    }
}
