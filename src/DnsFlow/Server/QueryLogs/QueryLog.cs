using System.Buffers;
using DnsFlow.Limits;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Server.QueryLogs;

/// <summary>
/// The query log: what threads decide waits in a bounded queue, and one task makes lines of it and writes them. When the sink is slower than the queries, or cannot
/// write at all, lines are dropped and counted, and queries are answered as ever.
/// </summary>
internal sealed partial class QueryLog : IAsyncDisposable
{
    private const int BlockSize = 32 << 10;      // less than the smallest file
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    private readonly IQueryLogSink _sink;
    private readonly QueryLogLine _line;
    private readonly MonotonicClock _clock;
    private readonly ILogger _logger;
    private readonly ArrayBufferWriter<byte> _block = new(BlockSize + 2_048);
    private readonly BackgroundTask _writing;
    private long _pausedUntil;

    /// <summary>Begins to write.</summary>
    public QueryLog(IQueryLogSink sink, PrivacyLevel privacy, MonotonicClock clock, ILogger logger)
    {
        _sink = sink;
        _line = new QueryLogLine(privacy);
        _clock = clock;
        _logger = logger;
        _writing = new BackgroundTask(RunAsync);
    }

    /// <summary>Where decisions are handed over.</summary>
    public QueryLogQueue Queue { get; } = new();

    /// <summary>The last lines, the newest first, as far as they are kept in memory.</summary>
    public IReadOnlyList<string> Last(int max) => _sink.Last(max);

    /// <summary>The log that is configured; null = none. File names are relative to <paramref name="baseFolder"/>.</summary>
    public static QueryLog? Create(QueryLogOptions options, PrivacyLevel privacy, string baseFolder, MonotonicClock clock, ILogger logger) => options.Sink switch
    {
        QueryLogOptions.Memory => new(new QueryLogMemory(options.MaxBytes), privacy, clock, logger),
        QueryLogOptions.File => new(new QueryLogFile(Path.Combine(baseFolder, options.Path!), options.MaxBytes, options.Files), privacy, clock, logger),
        _ => null,
    };

    /// <summary>Writes what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.DisposeAsync().ConfigureAwait(false);
        _line.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(s_step, _clock.Time);
        try
        {
            do
            {
                Write();
            }
            while (await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Write();
        }
    }

    private void Write()
    {
        // As far as it was filled before: a flood of queries must not keep this from coming to an end.
        for (var left = QueryLogQueue.Capacity; left > 0;)
        {
            var (now, wall, lines) = (_clock.Now, _clock.Time.GetUtcNow(), 0);
            _block.ResetWrittenCount();
            while (_block.WrittenCount < BlockSize && left > 0 && Queue.TryTake(out var query))
            {
                _line.Write(query, wall - TimeSpan.FromMicroseconds(now - query.Now), _block);
                lines++;
                left--;
            }

            if (lines == 0)
            {
                return;
            }

            Write(lines, now);
        }
    }

    private void Write(int lines, long now)
    {
        if (now < _pausedUntil)
        {
            Queue.Drop(lines);
            return;
        }

        try
        {
            _sink.Write(_block.WrittenSpan);
        }
        catch (IOException exception)
        {
            Queue.Drop(lines);
            _pausedUntil = now + (long)s_pause.TotalMicroseconds;
            Log.CannotWrite(_logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(720, LogLevel.Error, "The query log cannot be written, and is tried again in 10 s: {Reason}")]
        public static partial void CannotWrite(ILogger logger, string reason);
    }
}
