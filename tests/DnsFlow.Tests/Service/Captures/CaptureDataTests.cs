using System.Buffers.Binary;
using System.IO.Compression;
using DnsFlow.Flows;
using DnsFlow.Service.Captures;
using DnsFlow.TestKit;
using Xunit.Abstractions;

namespace DnsFlow.Tests.Service.Captures;

/// <summary>Captures as others made them, held against the messages that other programs found in them.</summary>
public class CaptureDataTests(ITestOutputHelper output)
{
    [Fact]
    public void Read_RootServerTrace_FindsTheQueriesThatOthersFound()
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        var sink = new RecordingCaptureSink();
        var report = new CaptureReport();
        CaptureFile.Read(Path.Combine(folder, "traces", "root-server-2016-10-06-1355.pcap.gz"), new HashSet<int> { 53 }, sink, report);
        var expected = Stream(Directory.GetFiles(Path.Combine(folder, "wire"), "root-server-*-queries.dnsstream.gz").Single()).ToList();
        Assert.Null(report.Problem);

        // The others list the datagrams in their order, and then what they found in TCP.
        var found = sink.Messages.Where(message => (message.Octets[2] & 0x80) == 0).ToLookup(message => message.Transport, message => Convert.ToHexString(message.Octets));
        var datagrams = found[FlowTransport.Udp].ToList();
        output.WriteLine($"{report.Records} packets, {datagrams.Count} datagrams, {found[FlowTransport.Tcp].Count()} by TCP; expected {expected.Count}");
        Assert.Equal(expected.Take(datagrams.Count).Select(Convert.ToHexString), datagrams);
        Assert.Subset(found[FlowTransport.Tcp].ToHashSet(), expected.Skip(datagrams.Count).Select(Convert.ToHexString).ToHashSet());
    }

    [Fact]
    public void Read_SmallTraces_EndWithoutException()
    {
        if (DnsFlowData.Folder is not { } folder)
        {
            return;
        }

        var found = 0;
        foreach (var path in Directory.GetFiles(Path.Combine(folder, "traces", "small")))
        {
            var sink = new RecordingCaptureSink();
            var report = new CaptureReport();
            CaptureFile.Read(path, new HashSet<int> { 53 }, sink, report);
            found += sink.Messages.Count;
            output.WriteLine($"{Path.GetFileName(path)}: {report.Records} packets, {report.Messages} messages {report.Problem} {string.Join(", ", report.Skipped)}");
        }

        Assert.True(found > 350, $"{found} messages");
    }

    private static IEnumerable<byte[]> Stream(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        var length = new byte[2];
        while (stream.ReadAtLeast(length, 2, throwOnEndOfStream: false) == 2)
        {
            var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            stream.ReadExactly(message);
            yield return message;
        }
    }
}
