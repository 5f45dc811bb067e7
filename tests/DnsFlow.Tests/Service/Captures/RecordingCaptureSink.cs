using DnsFlow.Flows;
using DnsFlow.Service.Captures;

namespace DnsFlow.Tests.Service.Captures;

/// <summary>Keeps what a capture brings.</summary>
internal sealed class RecordingCaptureSink : ICaptureSink
{
    public List<(DateTimeOffset? Time, FlowEndpoint Source, FlowEndpoint Destination, FlowTransport Transport, byte[] Octets)> Messages { get; } = [];

    public static (RecordingCaptureSink Sink, CaptureReport Report) Read(byte[] file, params int[] ports)
    {
        var sink = new RecordingCaptureSink();
        var report = new CaptureReport();
        CaptureFile.Read(new MemoryStream(file), ports.Length == 0 ? new HashSet<int> { 53 } : [.. ports], sink, report);
        return (sink, report);
    }

    public void Take(in CapturedMessage message)
        => Messages.Add((message.Time, message.Source, message.Destination, message.Transport, message.Octets.ToArray()));
}
