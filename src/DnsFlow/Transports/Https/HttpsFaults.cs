using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Transports.Https;

/// <summary>
/// Listens to what the HTTP server says about connections that it ends for breaking the protocol: it has no other way to tell. Everything else it says is not even
/// put into words.
/// </summary>
internal sealed class HttpsFaults(Action<string> onFault) : ILoggerFactory, ILogger
{
    // Names of events of the categories Microsoft.AspNetCore.Server.Kestrel.Http2 and .BadRequests; each is said at most once for a connection.
    private static readonly HashSet<string> s_faults = ["Http2ConnectionError", "HPackDecodingError", "ConnectionBadRequest", "Http2TellClientToCalmDown"];

    public ILogger CreateLogger(string categoryName)
        => categoryName is "Microsoft.AspNetCore.Server.Kestrel.Http2" or "Microsoft.AspNetCore.Server.Kestrel.BadRequests" ? this : NullLogger.Instance;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Name is { } name && s_faults.Contains(name))
        {
            onFault(exception is null ? formatter(state, null) : exception.Message);
        }
    }

    public void Dispose()
    {
    }
}
