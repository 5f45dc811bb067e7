using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using DnsFlow.Protocol;

namespace DnsFlow.Service.Captures;

/// <summary>A query log: one JSON object a line, as <see cref="QueryLogEntry"/> describes it. Fields it does not need are ignored.</summary>
internal sealed class QueryLogFormat : ICaptureFormat
{
    private const int MaxLine = 64 << 10;

    public string Name => "query log (JSON lines)";

    public bool Recognizes(ReadOnlySpan<byte> first) => first.StartsWith("{"u8) || first.StartsWith("\uFEFF{"u8);

    public void Read(CaptureStream stream, IReadOnlySet<int> ports, ICaptureSink sink, CaptureReport report)
    {
        if (stream.Peek(3) is [0xEF, ..])
        {
            stream.TryRead(3, out _);
        }

        while (stream.TryReadLine(MaxLine, out var line))
        {
            report.Records++;
            if (line.Length > MaxLine)
            {
                report.Problem = $"line {report.Records}: it has more than {MaxLine} octets";
                return;
            }

            if (line.Trim((byte)' ').IsEmpty)
            {
                continue;
            }

            if (!TryTake(line, sink, report, out var error))
            {
                report.Problem = $"line {report.Records}: {error}";
                return;
            }
        }
    }

    private static bool TryTake(ReadOnlySpan<byte> line, ICaptureSink sink, CaptureReport report, out string? error)
    {
        if (!TryParse(line, out var entry, out error)
            || !entry.TryRead(out var query, out var source, out var destination, out var transport, out error))
        {
            return false;
        }

        if (entry.IsTold)
        {
            report.Skip("turned away after it was decided about");
            return true;
        }

        report.Messages++;
        sink.Take(new CapturedMessage
        {
            Time = entry.Time,
            Source = source,
            Destination = destination,
            Transport = transport,
            Listener = entry.Listener,
            Octets = DnsMessageWriter.ToArray(query),
        });
        return true;
    }

    private static bool TryParse(ReadOnlySpan<byte> line, [NotNullWhen(true)] out QueryLogEntry? entry, out string? error)
    {
        try
        {
            entry = JsonSerializer.Deserialize(line, QueryLogJson.Default.QueryLogEntry);
            error = entry is null ? "this is not a log entry" : null;
        }
        catch (JsonException exception)
        {
            entry = null;
            error = "this is not a log entry: " + exception.Message.ReplaceLineEndings(" ");
        }

        return entry is not null;
    }
}
