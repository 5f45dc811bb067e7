using System.Net;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>An IPv4 (4 octets) or IPv6 (16 octets) address.</summary>
internal sealed class AddressField(int size) : RdataField
{
    public override bool TryRead(ref RdataReader reader) => reader.TryTake(size, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTake(size, out var octets))
        {
            return false;
        }

        text.Append(new IPAddress(octets));
        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        var expected = size == 4 ? "an IPv4 address" : "an IPv6 address";
        if (!parser.TryTakeBare(expected, out var word))
        {
            return false;
        }

        Span<byte> octets = stackalloc byte[16];
        if (!AddressText.TryParse(word, octets[..size]))
        {
            return parser.Fail(expected, word);
        }

        parser.Output.AddRange(octets[..size]);
        return true;
    }
}
