using DnsFlow.Flows;
using DnsFlow.Transports.Tls;
using Microsoft.AspNetCore.Connections.Features;

namespace DnsFlow.Transports.Https;

/// <summary>
/// An HTTPS connection as the transport of its flow: it can be closed. Its octets belong to the HTTP server from <see cref="ServeAsync"/> on, so there is nothing to read
/// or write here.
/// </summary>
internal sealed class HttpsConnection(GatheredTransport below, TlsStreamTransport tls, HttpsServer server, string path) : IStreamTransport
{
    private readonly Lock _lock = new();
    private HttpsConnectionContext? _context;
    private bool _isClosed;

    /// <summary>The path of its address.</summary>
    public string Path => path;

    /// <summary>Who decides about its requests.</summary>
    public IHttpsClient? Client { get; private set; }

    /// <summary>Gives it to the HTTP server once hands are shaken.</summary>
    public async Task ServeAsync(IHttpsClient decider)
    {
        Client = decider;
        switch (await tls.HandshakeAsync().ConfigureAwait(false))
        {
            case HandshakeOutcome.Crowded:
                decider.HandshakeFailed(isCrowded: true);
                return;
            case HandshakeOutcome.Failed:
                decider.HandshakeFailed(isCrowded: false);
                decider.End();
                return;
        }

        below.Gathers = true;
        lock (_lock)
        {
            _context = _isClosed ? null : server.Take(tls, this);
        }

        if (_context is null || !server.TryServe(_context))
        {
            Abort();        // the server stops, or the flow was closed meanwhile
            decider.End();
        }
    }

    /// <summary>The connection is gone.</summary>
    public void End() => Client!.End();

    public bool TryRead(Memory<byte> buffer, out TransportRead read)
    {
        read = default;
        return true;
    }

    public ValueTask WaitAsync() => default;

    public ValueTask<TransportRead> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => default;

    public ValueTask<FlowError?> WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => new(FlowError.NotConnected);

    public void StopReading()
    {
    }

    public void ShutdownSend()
    {
    }

    /// <summary>Asks the server to end it: requests under way are answered, then GOAWAY.</summary>
    public ValueTask CloseAsync()
    {
        if (_context?.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            lifetime.RequestClose();
        }
        else
        {
            Abort();
        }

        return default;
    }

    public void Abort()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        if (_context is { } context)
        {
            context.Abort();
        }
        else
        {
            tls.Abort();
        }
    }

    public void Dispose() => Abort();
}
