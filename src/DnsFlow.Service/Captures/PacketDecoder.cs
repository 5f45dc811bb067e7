using System.Buffers.Binary;
using DnsFlow.Flows;

namespace DnsFlow.Service.Captures;

/// <summary>Finds DNS messages in packets: IPv4 and IPv6, fragments put together, UDP, and TCP streams put in order.</summary>
internal sealed class PacketDecoder(IReadOnlySet<int> ports, ICaptureSink sink, CaptureReport report)
{
    private const int Udp = 17;
    private const int Tcp = 6;

    private readonly FragmentTable _fragments = new(report);
    private readonly TcpStreamTable _streams = new(sink, report);

    /// <summary>One captured frame.</summary>
    public void Take(int linkType, DateTimeOffset? time, ReadOnlySpan<byte> frame)
    {
        if (!LinkLayer.Knows(linkType))
        {
            report.Skip($"link type {linkType}");
            return;
        }

        var packet = LinkLayer.Payload(linkType, frame);
        if (packet.IsEmpty || !IPPacket.TryRead(packet, out var ip))
        {
            report.Skip("not an IP packet");
            return;
        }

        var payload = ip.IsFragment ? _fragments.Add(ip) : ip.Payload;
        if (payload.Length < 8 || ip.Protocol is not (Udp or Tcp))
        {
            if (!ip.IsFragment)
            {
                report.Skip("neither UDP nor TCP");
            }

            return;
        }

        var source = ip.Source with { Port = BinaryPrimitives.ReadUInt16BigEndian(payload) };
        var destination = ip.Destination with { Port = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]) };
        if (!ports.Contains(destination.Port))
        {
            report.Skip(ports.Contains(source.Port) ? "a response" : "another port");
            return;
        }

        if (ip.Protocol == Tcp)
        {
            _streams.Take(source, destination, time, payload);
        }
        else
        {
            TakeDatagram(source, destination, time, payload);
        }
    }

    private void TakeDatagram(FlowEndpoint source, FlowEndpoint destination, DateTimeOffset? time, ReadOnlySpan<byte> payload)
    {
        // The length field, not the packet's: short frames are padded. What was cut by the capture is left out.
        var length = BinaryPrimitives.ReadUInt16BigEndian(payload[4..]);
        if (length < 8 || length > payload.Length)
        {
            report.Skip("cut short");
            return;
        }

        report.Messages++;
        sink.Take(new CapturedMessage
        {
            Time = time,
            Source = source,
            Destination = destination,
            Transport = FlowTransport.Udp,
            Octets = payload[8..length],
        });
    }
}
