using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Transports.Https;

/// <summary>
/// Listens to what the HTTP server says about connections that it ends for breaking the protocol: it has no other way to tell. Everything else it says is not even
/// put into words.
/// </summary>
internal sealed class HttpsFaults(Action<string> onFault) : ILoggerFactory, ILogger
{
    // Names of events of the categories Microsoft.AspNetCore.Server.Kestrel.Http2 and .BadRequests; each tells of a connection that it ends.
    private static readonly HashSet<string> s_faults =
    [
        "Http2ConnectionError", "HPackDecodingError", "ConnectionBadRequest", "Http2TellClientToCalmDown",
        "Http2QueueOperationsExceeded", "Http2FlowControlQueueOperationsExceeded",
    ];

    private string _last = "";

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
            // Those of full queues are said again for each frame that is still to go; the text has the connection's ID.
            var text = formatter(state, exception);
            if (text != Interlocked.Exchange(ref _last, text))
            {
                onFault(exception?.Message ?? text);
            }
        }
    }

    public void Dispose()
    {
    }
}
