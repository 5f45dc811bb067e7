using DnsFlow.Service.Logging;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Tests.Service;

public class LoggingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.FromHours(1));

    [Fact]
    public void Format_WithTime_IsOneShortUtcLine()
        => Assert.Equal("2026-11-22T11:00:00.000Z warn  Upstreams: 9.9.9.9 is down", LogLine.Format(Noon, LogLevel.Warning, "Upstreams", "9.9.9.9 is down", null));

    [Fact]
    public void Format_ForJournal_BeginsWithThePriority()
        => Assert.Equal("<3>Server: gone", LogLine.Format(null, LogLevel.Error, "Server", "gone", null));

    [Fact]
    public void Format_HostileText_StaysOneLine()
    {
        var line = LogLine.Format(Noon, LogLevel.Information, "Q", "a\r\nfake line\x1b[31m\x7f\u2028x", null);
        Assert.EndsWith(@"Q: a\013\010fake line\027[31m\127\232x", line);
    }

    [Fact]
    public void Format_LongText_IsCut()
    {
        var line = LogLine.Format(Noon, LogLevel.Information, "Q", new string('x', 5000), new InvalidOperationException(new string('\n', 5000)));
        Assert.InRange(line.Length, 400, LogLine.MaxLength + 64);
    }

    [Fact]
    public void Format_Exception_NamesAllCauses()
        => Assert.EndsWith("S: failed <- IOException: outer <- FormatException: inner",
            LogLine.Format(Noon, LogLevel.Error, "S", "failed", new IOException("outer", new FormatException("inner"))));

    [Fact]
    public void LineWriter_TerminalStuck_DropsAndCountsInsteadOfWaiting()
    {
        using var stuck = new StuckWriter();
        var lines = new LineWriter(stuck);
        for (var i = 0; i < LineWriter.Capacity + 100; i++)
        {
            lines.Add("line");
        }

        Assert.InRange(lines.Dropped, 90, 100);
        stuck.Free.Set();
        lines.Dispose();
        Assert.Contains("log lines were dropped", stuck.ToString());
    }

    [Fact]
    public void LineWriter_DiskFull_GoesOn()
    {
        var lines = new LineWriter(new FullWriter());
        lines.Add("line");
        lines.Dispose();
        Assert.True(lines.Dropped >= 1);
    }

    private sealed class StuckWriter : StringWriter
    {
        public ManualResetEventSlim Free { get; } = new();

        public override void WriteLine(string? value)
        {
            Free.Wait();
            base.WriteLine(value);
        }

        protected override void Dispose(bool disposing)
        {
            Free.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class FullWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new IOException("No space left on device");
    }
}
