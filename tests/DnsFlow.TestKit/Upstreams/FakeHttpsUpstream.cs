using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace DnsFlow.TestKit;

/// <summary>
/// A scripted DNS server over HTTPS on a free port of 127.0.0.1, scripted as <see cref="FakeUpstream"/> is over TCP. What is sent becomes the body of the response; what
/// is sent raw is the body and then the stream is reset.
/// </summary>
public sealed class FakeHttpsUpstream : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<FakeQuery> _queries = new();
    private readonly ConcurrentDictionary<string, int> _connections = new();
    private readonly Channel<FakeQuery> _arrivals = Channel.CreateUnbounded<FakeQuery>();
    private volatile FakeReply _reply = FakeReplies.Answer("192.0.2.1");

    private FakeHttpsUpstream(X509Certificate2 certificate, HttpProtocols protocols, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = protocols;
            listen.UseHttps(certificate);
        }));
        if (protocols.HasFlag(HttpProtocols.Http3) && (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() || OperatingSystem.IsWindows()))
        {
            builder.WebHost.UseQuic();
        }

        _server = builder.Build();
        _server.Run(ServeAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint => new(IPAddress.Loopback, new Uri(_server.Urls.First()).Port);

    /// <summary>Everything that was asked so far.</summary>
    public IReadOnlyCollection<FakeQuery> Queries => _queries;

    /// <summary>How many connections asked something.</summary>
    public int Connections => _connections.Count;

    /// <summary>The last request's path and headers.</summary>
    public (string Path, string ContentType, string Accept, string Protocol) LastRequest { get; private set; }

    /// <summary>The head of every response.</summary>
    public Action<HttpResponse> Head { get; set; } = static response => response.ContentType = "application/dns-message";

    public static async Task<FakeHttpsUpstream> StartAsync(X509Certificate2 certificate, HttpProtocols protocols = HttpProtocols.Http1AndHttp2, int port = 0)
    {
        var upstream = new FakeHttpsUpstream(certificate, protocols, port);
        await upstream._server.StartAsync();
        return upstream;
    }

    /// <summary>All queries are answered so.</summary>
    public FakeHttpsUpstream Always(FakeReply reply)
    {
        _reply = reply;
        return this;
    }

    /// <summary>Waits for the next query that no other call has waited for.</summary>
    public async Task<FakeQuery> NextQueryAsync() => await _arrivals.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        LastRequest = (context.Request.Path, context.Request.ContentType ?? "", context.Request.Headers.Accept.ToString(), context.Request.Protocol);
        _connections[context.Connection.Id] = 1;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Head(context.Response);
        if (context.Response.StatusCode != 200)
        {
            return;
        }

        using var aborted = context.RequestAborted.Register(() => ended.TrySetResult());
        var query = new FakeQuery(body.ToArray(), overStream: false, new IPEndPoint(context.Connection.RemoteIpAddress!, context.Connection.RemotePort), 1, SendAsync, Close);
        _queries.Enqueue(query);
        _arrivals.Writer.TryWrite(query);
        await _reply(query);
        await ended.Task;

        async Task SendAsync(ReadOnlyMemory<byte> octets)
        {
            if (!context.Response.HasStarted)
            {
                await context.Response.Body.WriteAsync(octets);
                ended.TrySetResult();
            }
        }

        void Close(bool reset)
        {
            if (reset)
            {
                context.Abort();
            }
            else
            {
                context.Features.Get<IHttpResetFeature>()?.Reset(2);
            }

            ended.TrySetResult();
        }
    }
}
