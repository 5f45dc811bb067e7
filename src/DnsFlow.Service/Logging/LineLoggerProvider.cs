namespace DnsFlow.Service.Logging;

/// <summary>Logs one short line per event. Under systemd's journal lines carry their priority instead of a time.</summary>
internal sealed class LineLoggerProvider(LineWriter lines, TimeProvider time, bool forJournal) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The writer is disposed by whoever made it, after the last line.
    }

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => provider.Log(logLevel, category, formatter(state, exception), exception);
    }

    private void Log(LogLevel level, string category, string message, Exception? exception)
        => lines.Add(LogLine.Format(forJournal ? null : time.GetUtcNow(), level, category, message, exception));
}
