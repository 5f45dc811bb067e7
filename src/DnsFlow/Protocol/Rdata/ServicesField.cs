using System.Globalization;
using System.Text;

namespace DnsFlow.Protocol.Rdata;

/// <summary>WKS's protocol and ports: the number of the protocol (or tcp, udp) and the ports, as numbers or by the names of their services (RFC 1035 section 3.4.2).</summary>
internal sealed class ServicesField : RdataField
{
    private const int MaxOctets = 65536 / 8;

    public override bool TryRead(ref RdataReader reader) => reader.TryTake(1, out _) && reader.Rest.Length <= MaxOctets && reader.TryTake(reader.Rest.Length, out _);

    public override bool TryPrint(ref RdataReader reader, StringBuilder text)
    {
        if (!reader.TryTake(1, out var protocol) || !reader.TryTake(reader.Rest.Length, out var bits) || bits.Length > MaxOctets || bits is [.., 0])
        {
            return false;
        }

        text.Append(CultureInfo.InvariantCulture, $"{protocol[0]}");
        for (var port = 0; port < bits.Length * 8; port++)
        {
            if ((bits[port >> 3] & (0x80 >> (port & 7))) != 0)
            {
                text.Append(CultureInfo.InvariantCulture, $" {port}");
            }
        }

        return true;
    }

    public override bool TryParse(ref RdataParser parser)
    {
        if (!parser.TryTakeBare("a protocol", out var protocol))
        {
            return false;
        }

        byte number = protocol switch { "tcp" or "TCP" => 6, "udp" or "UDP" => 17, _ => 0 };
        if (number == 0 && !byte.TryParse(protocol, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            return parser.Fail("tcp, udp or the number of a protocol", protocol);
        }

        var bits = new byte[MaxOctets];
        var length = 0;
        while (!parser.IsAtEnd)
        {
            if (!parser.TryTakeBare("a port", out var word))
            {
                return false;
            }

            if (!ServicePorts.TryParse(word, out var port))
            {
                return parser.Fail("the number of a port or a well-known service", word);
            }

            bits[port >> 3] |= (byte)(0x80 >> (port & 7));
            length = Math.Max(length, (port >> 3) + 1);
        }

        parser.Output.Add(number);
        parser.Output.AddRange(bits.AsSpan(0, length));
        return true;
    }
}
