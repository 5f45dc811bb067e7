using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DnsFlow.Service.Endpoints;

/// <summary>The HTTP server and its bounds. It shares nothing with the DNS side but the thread pool of the service plane.</summary>
internal static class HttpServerSetup
{
    /// <summary>Connections at once.</summary>
    public const int MaxConnections = 32;

    /// <summary>The longest one request may take.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    private const int MaxRequestLine = 2 << 10, MaxHeaders = 6 << 10, MaxBody = 64 << 10;

    /// <summary>Adds the server with only these endpoints.</summary>
    public static void AddHttpServer(this IWebHostBuilder host, IReadOnlyList<HttpEndpoint> endpoints, IReadOnlyList<ControlSocket> sockets)
        => host.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            Bound(kestrel);
            foreach (var socket in sockets)
            {
                kestrel.ListenUnixSocket(socket.Path, listener =>
                {
                    listener.Protocols = HttpProtocols.Http1;
                    listener.Use(next => connection =>
                    {
                        connection.Features.Set(ControlConnection.Mark);
                        return next(connection);
                    });
                });
            }

            foreach (var endpoint in endpoints)
            {
                foreach (var address in endpoint.Addresses)
                {
                    kestrel.Listen(address, endpoint.Port, listener => listener.Protocols = HttpProtocols.Http1);
                }
            }
        });

    private static void Bound(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
        kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaders;
        kestrel.Limits.MaxRequestHeaderCount = 50;
        kestrel.Limits.MaxRequestBodySize = MaxBody;
        kestrel.Limits.MaxRequestBufferSize = MaxBody;
        kestrel.Limits.RequestHeadersTimeout = RequestTimeout;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
    }
}
