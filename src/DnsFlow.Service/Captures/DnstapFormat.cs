using System.Buffers.Binary;
using DnsFlow.Flows;
using Google.Protobuf;

namespace DnsFlow.Service.Captures;

/// <summary>A dnstap file: Frame Streams that carry one protocol buffer for each message a server received or sent (dnstap.info).</summary>
internal sealed class DnstapFormat : ICaptureFormat
{
    private const int MaxFrame = 1 << 20;

    public string Name => "dnstap";

    public bool Recognizes(ReadOnlySpan<byte> first)
        => first.Length >= 12 && BinaryPrimitives.ReadUInt32BigEndian(first) == 0 && BinaryPrimitives.ReadUInt32BigEndian(first[8..]) is 2 or 4;

    public void Read(CaptureStream stream, IReadOnlySet<int> ports, ICaptureSink sink, CaptureReport report)
    {
        while (stream.TryRead(4, out var prefix))
        {
            var start = stream.Position - 4;
            var length = BinaryPrimitives.ReadUInt32BigEndian(prefix);
            var isControl = length == 0;
            if (isControl)
            {
                if (!stream.TryRead(4, out var control))
                {
                    break;
                }

                length = BinaryPrimitives.ReadUInt32BigEndian(control);
            }

            if (length > MaxFrame)
            {
                report.Problem = $"octet {start}: a frame of {length} octets: the file is damaged";
                return;
            }

            if (!stream.TryRead((int)length, out var frame))
            {
                report.Problem = $"octet {start}: the file ends in a frame";
                return;
            }

            if (!isControl)
            {
                report.Records++;
                TakeFrame(frame, sink, report);
            }
        }
    }

    private static void TakeFrame(ReadOnlySpan<byte> frame, ICaptureSink sink, CaptureReport report)
    {
        DnstapMessage? message;
        try
        {
            message = DnstapMessage.Read(frame.ToArray());
        }
        catch (InvalidProtocolBufferException)
        {
            report.Skip("a damaged dnstap frame");
            return;
        }

        if (message is not { IsFromClient: true, Query.IsEmpty: false })
        {
            report.Skip(message is null ? "not a dnstap message" : "not a client's query");
            return;
        }

        report.Messages++;
        sink.Take(new CapturedMessage
        {
            Time = message.Time,
            Source = message.Source,
            Destination = message.Destination,
            Transport = message.IsDatagram ? FlowTransport.Udp : FlowTransport.Tcp,
            Octets = message.Query.Span,
        });
    }
}
