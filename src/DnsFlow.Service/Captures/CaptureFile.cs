using System.IO.Compression;

namespace DnsFlow.Service.Captures;

/// <summary>Reads the DNS messages out of a capture of any kind we know; which kind it is, its first octets tell.</summary>
internal static class CaptureFile
{
    private static readonly ICaptureFormat[] s_formats = [new PcapFormat(), new PcapngFormat(), new DnstapFormat(), new QueryLogFormat()];

    /// <summary>Reads a whole file, compressed (gzip) or not. Problems are in the report: what was read before one stands.</summary>
    public static void Read(string path, IReadOnlySet<int> ports, ICaptureSink sink, CaptureReport report)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);
            Read(file, ports, sink, report);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            report.Problem = exception.Message.ReplaceLineEndings(" ");
        }
    }

    /// <summary>Reads a stream.</summary>
    public static void Read(Stream stream, IReadOnlySet<int> ports, ICaptureSink sink, CaptureReport report)
    {
        var buffered = new BufferedStream(stream, 1 << 16);
        var capture = new CaptureStream(IsCompressed(buffered) ? new GZipStream(buffered, CompressionMode.Decompress) : buffered);
        var first = capture.Peek(16);
        foreach (var format in s_formats)
        {
            if (format.Recognizes(first))
            {
                format.Read(capture, ports, sink, report);
                return;
            }
        }

        report.Problem = first.IsEmpty
            ? "the file is empty"
            : $"this is no capture we know; allowed: {string.Join(", ", s_formats.Select(static format => format.Name))}";
    }

    private static bool IsCompressed(BufferedStream stream)
    {
        Span<byte> magic = stackalloc byte[2];
        var read = stream.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        stream.Position -= read;
        return read == 2 && magic is [0x1F, 0x8B];
    }
}
