using System.Collections.Concurrent;

namespace DnsFlow.Service.Logging;

/// <summary>
/// Writes log lines on a thread of its own: who logs never waits for the terminal. Up to <see cref="Capacity"/> lines wait; more are
/// dropped, counted, and the count is written when there is room again.
/// </summary>
internal sealed class LineWriter : IDisposable
{
    /// <summary>How many lines may wait.</summary>
    public const int Capacity = 8192;

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly TextWriter _writer;
    private readonly BlockingCollection<string> _lines = new(Capacity);
    private readonly Thread _thread;
    private long _dropped;

    /// <summary>Starts to write to <paramref name="writer"/>.</summary>
    public LineWriter(TextWriter writer)
    {
        _writer = writer;
        _thread = new Thread(WriteAll) { IsBackground = true, Name = "dnsflow log" };
        _thread.Start();
    }

    /// <summary>Lines that found no room, or that the terminal did not take.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Adds a line; never waits. After the end nothing is taken any more.</summary>
    public void Add(string line)
    {
        try
        {
            if (_lines.TryAdd(line))
            {
                return;
            }
        }
        catch (InvalidOperationException)
        {
            // The end came in between.
        }

        Interlocked.Increment(ref _dropped);
    }

    /// <summary>Writes what waits, for a second at most.</summary>
    public void Dispose()
    {
        _lines.CompleteAdding();
        _thread.Join(LastWords);
    }

    private void WriteAll()
    {
        var reported = 0L;
        foreach (var line in _lines.GetConsumingEnumerable())
        {
            Write(line);
            if (_lines.Count == 0 && Dropped is var dropped && dropped != reported)
            {
                Write($"{dropped - reported} log lines were dropped");
                reported = dropped;
            }
        }
    }

    private void Write(string line)
    {
        try
        {
            _writer.WriteLine(line);
        }
        catch (IOException)
        {
            // The terminal or pipe is gone or its disk full: a proxy answers on without its log.
            Interlocked.Increment(ref _dropped);
        }
    }
}
