using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DnsFlow.Transports.Https;

/// <summary>
/// Listens to what the HTTP server says about connections that it ends for breaking the protocol: it has no other way to tell. Everything else it says is not even
/// put into words.
/// </summary>
/// <param name="onFault">Told, with what the server says about it, when a connection was ended for breaking HTTP.</param>
internal sealed class HttpsFaults(Action<string> onFault) : ILoggerFactory, ILogger
{
    // Names of events of the categories Microsoft.AspNetCore.Server.Kestrel.Http2 and .BadRequests; each tells of a connection that it ends.
    private static readonly HashSet<string> s_faults =
    [
        "Http2ConnectionError", "HPackDecodingError", "ConnectionBadRequest", "Http2TellClientToCalmDown",
        "Http2QueueOperationsExceeded", "Http2FlowControlQueueOperationsExceeded", TooSlow, "ResponseMinimumDataRateNotSatisfied",
    ];

    private const string TooSlow = "RequestBodyMinimumDataRateNotSatisfied";
    private const int MaxRecent = 256;

    private readonly HashSet<string> _recent = [];
    private readonly Queue<string> _order = new();

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
        if (eventId.Name is { } name && s_faults.Contains(name) && Connection(state) is { } connection)
        {
            Report(connection, name == TooSlow ? "A request's body came too slowly." : exception?.Message ?? formatter(state, exception));
        }
    }

    /// <summary>A connection broke HTTP. It is told once, whatever else the server says about it: some things it says for each frame that is still to go.</summary>
    public void Report(string connection, string problem)
    {
        lock (_recent)
        {
            if (!_recent.Add(connection))
            {
                return;
            }

            _order.Enqueue(connection);
            if (_order.Count > MaxRecent)
            {
                _recent.Remove(_order.Dequeue());
            }
        }

        onFault(problem);
    }

    public void Dispose()
    {
    }

    private static string? Connection<TState>(TState state)
        => (state as IEnumerable<KeyValuePair<string, object?>>)?.FirstOrDefault(static pair => pair.Key == "ConnectionId").Value as string;
}
