using System.Buffers;
using DnsFlow.Limits;
using DnsFlow.Transports.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DnsFlow.Transports.Https;

/// <summary>
/// The framework's HTTP server, HTTP/2 and HTTP/1.1, with our bounds, for the connections of all https addresses. They were accepted and admitted before it sees them.
/// It ends by itself connections that send headers without an end, and <see cref="FrameGuard"/> those that reset streams again and again.
/// </summary>
/// <param name="limits">The bounds.</param>
/// <param name="time">The clock.</param>
/// <param name="memory">What requests under way are charged to.</param>
/// <param name="onFull">Told when a connection was ended because it had no room.</param>
/// <param name="onFault">Told, with what the server says about it, when a connection was ended for breaking HTTP.</param>
internal sealed class HttpsServer(HttpsLimits limits, TimeProvider time, MemoryPool memory, Action onFull, Action<string> onFault) : IAsyncDisposable
{
    private readonly HttpsConnectionQueue _queue = new();
    private readonly HttpsFaults _faults = new(onFault);
    private MemoryPool<byte>? _pool;
    private WebApplication? _application;
    private IServer? _server;

    /// <summary>Begins to serve what <see cref="TryServe"/> brings. Once.</summary>
    public async Task StartAsync()
    {
        if (_application is not null)
        {
            return;
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IConnectionListenerFactory>(_queue);
        builder.Services.AddSingleton<ILoggerFactory>(_faults);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            Bound(kestrel);
            kestrel.Listen(_queue.EndPoint, Build);
        });
        _application = builder.Build();
        _pool = _application.Services.GetRequiredService<IMemoryPoolFactory<byte>>().Create();
        _server = _application.Services.GetRequiredService<IServer>();
        await _server.StartAsync(new HttpsApplication(), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Lets requests under way end, for at most so long.</summary>
    public async Task StopAsync(TimeSpan drain)
    {
        if (_server is not null)
        {
            using var deadline = new CancellationTokenSource(drain, time);
            await _server.StopAsync(deadline.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Takes over a connection whose hands are shaken.</summary>
    public HttpsConnectionContext Take(TlsStreamTransport tls, HttpsConnection connection)
    {
        var context = new HttpsConnectionContext(tls, _pool!, memory, time, onFull, _faults.Report, connection.End);
        context.Features.Set(connection);
        return context;
    }

    /// <summary>Serves a connection; false when it was stopped.</summary>
    public bool TryServe(ConnectionContext connection) => _queue.TryAdd(connection);

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync().ConfigureAwait(false);
        }

        _pool?.Dispose();
    }

    private void Bound(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        kestrel.Limits.MaxRequestLineSize = HttpsLimits.MaxUri + 512;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.MaxRequestBodySize = HttpsLimits.MaxBody;
        kestrel.Limits.MaxRequestBufferSize = 32 << 10;
        kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        kestrel.Limits.KeepAliveTimeout = limits.Idle;
        kestrel.Limits.Http2.MaxStreamsPerConnection = limits.Streams;
        kestrel.Limits.Http2.HeaderTableSize = 4 << 10;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 65_535;
        kestrel.Limits.Http2.InitialStreamWindowSize = 65_535;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = HttpsLimits.MaxUri + 512;
    }

    private static void Build(ListenOptions endpoint)
    {
        endpoint.Protocols = HttpProtocols.Http1AndHttp2;
        endpoint.Use(static next => connection =>
        {
            ((HttpsConnectionContext)connection).Begin();
            return next(connection);
        });
    }
}
