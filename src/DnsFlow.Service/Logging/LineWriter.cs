using System.Threading.Channels;

namespace DnsFlow.Service.Logging;

/// <summary>
/// Writes log lines on a task of its own: who logs never waits for the terminal. Up to <see cref="Capacity"/> lines wait; more are
/// dropped, counted, and the count is written when there is room again.
/// </summary>
internal sealed class LineWriter : IAsyncDisposable
{
    /// <summary>How many lines may wait.</summary>
    public const int Capacity = 8192;

    private readonly TextWriter _writer;
    private readonly Channel<string> _lines;
    private readonly Task _writing;
    private long _dropped;

    /// <summary>Starts to write to <paramref name="writer"/>.</summary>
    public LineWriter(TextWriter writer)
    {
        _writer = writer;
        _lines = Channel.CreateBounded<string>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped));
        _writing = Task.Run(WriteAllAsync);
    }

    /// <summary>Lines dropped or not taken by the terminal.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Adds a line; never waits.</summary>
    public void Add(string line) => _lines.Writer.TryWrite(line);

    /// <summary>Writes what waits, for a second at most.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await Task.WhenAny(_writing, Task.Delay(TimeSpan.FromSeconds(1)));
    }

    private async Task WriteAllAsync()
    {
        var reported = 0L;
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            Write(line);
            if (Dropped is var dropped && dropped != reported && _lines.Reader.Count == 0)
            {
                Write($"warn  {dropped - reported} log lines were dropped");
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
