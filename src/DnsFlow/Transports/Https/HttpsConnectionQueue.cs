using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace DnsFlow.Transports.Https;

/// <summary>
/// Where the HTTP server finds its connections, instead of an address of its own. As many wait as the bound on stream flows lets in.
/// </summary>
internal sealed class HttpsConnectionQueue : IConnectionListenerFactory, IConnectionListener
{
    private readonly Channel<ConnectionContext> _waiting = Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true });

    public EndPoint EndPoint { get; } = new HttpsEndPoint();

    /// <summary>Adds a connection; false when the server has stopped.</summary>
    public bool TryAdd(ConnectionContext connection) => _waiting.Writer.TryWrite(connection);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        => await _waiting.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false) && _waiting.Reader.TryRead(out var connection) ? connection : null;

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _waiting.Writer.TryComplete();
        return default;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private sealed class HttpsEndPoint : EndPoint
    {
        public override string ToString() => "https";
    }
}
