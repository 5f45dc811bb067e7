using System.Buffers.Binary;

namespace DnsFlow.Service.Captures;

/// <summary>The classic capture file of tcpdump, in either byte order, with micro- or nanoseconds.</summary>
internal sealed class PcapFormat : ICaptureFormat
{
    private const uint Microseconds = 0xA1B2C3D4;
    private const uint Nanoseconds = 0xA1B23C4D;
    private const int FileHeader = 24;
    private const int PacketHeader = 16;

    public string Name => "pcap";

    public bool Recognizes(ReadOnlySpan<byte> first)
        => first.Length >= 4 && (IsMagic(BinaryPrimitives.ReadUInt32LittleEndian(first)) || IsMagic(BinaryPrimitives.ReadUInt32BigEndian(first)));

    public void Read(CaptureStream stream, IReadOnlySet<int> ports, ICaptureSink sink, CaptureReport report)
    {
        if (!stream.TryRead(FileHeader, out var header))
        {
            report.Problem = "the file ends in its header";
            return;
        }

        var order = new FileOrder(IsMagic(BinaryPrimitives.ReadUInt32BigEndian(header)));
        var isNano = order.UInt32(header) == Nanoseconds;
        var link = (int)(order.UInt32(header[20..]) & 0xFFFF);
        var decoder = new PacketDecoder(ports, sink, report);
        while (stream.TryRead(PacketHeader, out var packet))
        {
            var seconds = order.UInt32(packet);
            var fraction = order.UInt32(packet[4..]);
            var length = order.UInt32(packet[8..]);
            if (length > CaptureStream.MaxPiece)
            {
                report.Problem = $"octet {stream.Position}: a packet of {length} octets: the file is damaged";
                return;
            }

            if (!stream.TryRead((int)length, out var octets))
            {
                report.Problem = $"octet {stream.Position}: the file ends in a packet";
                return;
            }

            report.Records++;
            var ticks = isNano ? fraction / 100 : fraction * 10L;
            decoder.Take(link, DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(ticks), octets);
        }

        if (!stream.Peek(1).IsEmpty)
        {
            report.Problem = $"octet {stream.Position}: the file ends in a packet's header";
        }
    }

    private static bool IsMagic(uint value) => value is Microseconds or Nanoseconds;
}
