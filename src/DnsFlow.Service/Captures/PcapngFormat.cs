namespace DnsFlow.Service.Captures;

/// <summary>The block-structured capture file of Wireshark (pcapng): sections, interfaces with their own clocks, packets.</summary>
internal sealed class PcapngFormat : ICaptureFormat
{
    private const uint SectionHeader = 0x0A0D0D0A;
    private const uint Interface = 1;
    private const uint OldPacket = 2;
    private const uint SimplePacket = 3;
    private const uint EnhancedPacket = 6;

    public string Name => "pcapng";

    public bool Recognizes(ReadOnlySpan<byte> first) => first is [0x0A, 0x0D, 0x0D, 0x0A, ..];

    public void Read(CaptureStream stream, IReadOnlySet<int> ports, ICaptureSink sink, CaptureReport report)
    {
        var decoder = new PacketDecoder(ports, sink, report);
        var interfaces = new List<PcapngInterface>();
        var order = default(FileOrder);
        while (stream.Peek(12) is { Length: 12 } head)
        {
            var start = stream.Position;
            var type = order.UInt32(head);
            if (type == SectionHeader)
            {
                order = new FileOrder(head[8] == 0x1A);
                interfaces.Clear();
            }

            var length = order.UInt32(head[4..]);
            if (length < 12 || length % 4 != 0 || length > CaptureStream.MaxPiece)
            {
                report.Problem = $"octet {start}: a block of {length} octets: the file is damaged";
                return;
            }

            if (!stream.TryRead((int)length, out var block))
            {
                break;
            }

            if (!TakeBlock(order, type, block[8..^4], interfaces, decoder, report))
            {
                report.Problem = $"octet {start}: a block of type {type} that is too short for what it says: the file is damaged";
                return;
            }
        }

        if (!stream.Peek(1).IsEmpty)
        {
            report.Problem = $"octet {stream.Position}: the file ends in a block";
        }
    }

    private static bool TakeBlock(
        FileOrder order, uint type, ReadOnlySpan<byte> body, List<PcapngInterface> interfaces, PacketDecoder decoder, CaptureReport report)
    {
        switch (type)
        {
            case Interface when body.Length >= 8:
                interfaces.Add(PcapngInterface.Read(order, body));
                return true;
            case EnhancedPacket or OldPacket when body.Length >= 20:
                var index = type == OldPacket ? order.UInt16(body) : order.UInt32(body);
                var time = ((ulong)order.UInt32(body[4..]) << 32) | order.UInt32(body[8..]);
                return TakePacket(index, time, order.UInt32(body[12..]), body[20..], interfaces, decoder, report);
            case SimplePacket when body.Length >= 4:
                var length = Math.Min(order.UInt32(body), (uint)body.Length - 4);
                return TakePacket(0, null, length, body[4..], interfaces, decoder, report);
            default:
                return type is not (Interface or EnhancedPacket or OldPacket or SimplePacket);      // names, statistics, comments
        }
    }

    private static bool TakePacket(
        uint index, ulong? time, uint length, ReadOnlySpan<byte> data, List<PcapngInterface> interfaces, PacketDecoder decoder, CaptureReport report)
    {
        if (index >= interfaces.Count || length > data.Length)
        {
            return false;
        }

        report.Records++;
        var from = interfaces[(int)index];
        decoder.Take(from.LinkType, time is { } units ? from.Time(units) : null, data[..(int)length]);
        return true;
    }
}
