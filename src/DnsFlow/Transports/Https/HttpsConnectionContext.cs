using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using DnsFlow.Flows;
using DnsFlow.Transports.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace DnsFlow.Transports.Https;

/// <summary>
/// A connection as the HTTP server sees it: octets that were decrypted on the thread that saw them come, and where its responses go. They are encrypted one by one and
/// sent by <see cref="GatheredTransport"/>, several at once.
/// </summary>
internal sealed class HttpsConnectionContext : ConnectionContext, IDuplexPipe, ITlsConnectionFeature, ITlsApplicationProtocolFeature, IMemoryPoolFeature
{
    /// <summary>What the server may leave unread, in octets; then the client waits.</summary>
    private const int MaxInput = 32 << 10;

    /// <summary>So often a client that never stops sending is read before others have their turn.</summary>
    private const int MaxReadsInTurn = 16;

    private readonly TlsStreamTransport _tls;
    private readonly FrameGuard? _guard;
    private readonly Action _ended;
    private readonly CancellationTokenSource _closed = new();
    private readonly Pipe _input;
    private readonly Task _reading;

    /// <summary>Begins to copy.</summary>
    /// <param name="tls">The connection; its hands are shaken.</param>
    /// <param name="pool">Where buffers come from.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onFault">Called, with what it was, when the client is to be ended for it.</param>
    /// <param name="ended">Called when all is given back.</param>
    public HttpsConnectionContext(TlsStreamTransport tls, MemoryPool<byte> pool, TimeProvider time, Action<HttpsConnectionContext, string> onFault, Action ended)
    {
        (_tls, _ended, MemoryPool) = (tls, ended, pool);
        _guard = tls.Protocol == SslApplicationProtocol.Http2 ? new FrameGuard(time, problem => onFault(this, problem)) : null;

        // HTTP/2 is copied once more before it is read, and never by the thread that waits for connections; HTTP/1.1 would be answered by it.
        var scheduler = _guard is null ? PipeScheduler.ThreadPool : PipeScheduler.Inline;
        _input = new Pipe(new PipeOptions(pool, scheduler, PipeScheduler.ThreadPool, MaxInput, MaxInput / 2, useSynchronizationContext: false));
        Output = new HttpsOutput(tls);
        Transport = this;
        Features.Set<ITlsConnectionFeature>(this);
        Features.Set<ITlsApplicationProtocolFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
        _reading = ReadAsync();
    }

    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId { get; set; } = Guid.NewGuid().ToString("N");

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override CancellationToken ConnectionClosed
    {
        get => _closed.Token;
        set => throw new NotSupportedException();
    }

    public PipeReader Input => _input.Reader;

    public PipeWriter Output { get; }

    public MemoryPool<byte> MemoryPool { get; }

    public ReadOnlyMemory<byte> ApplicationProtocol => _tls.Protocol.Protocol;

    public X509Certificate2? ClientCertificate { get; set; }

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);

    public override void Abort(ConnectionAbortedException abortReason)
    {
        _tls.Abort();
        _closed.Cancel();
    }

    public override async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync().ConfigureAwait(false);
        await Output.CompleteAsync().ConfigureAwait(false);
        await _tls.CloseAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _ended();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ReadAsync()
    {
        var writer = _input.Writer;
        var reads = 0;
        while (true)
        {
            var wait = _tls.WaitAsync();
            reads = wait.IsCompleted ? reads + 1 : 0;
            await wait.ConfigureAwait(false);
            if (reads == MaxReadsInTurn)
            {
                reads = 0;
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }

            var room = writer.GetMemory(StreamFlow.ReadLength);     // only when there is something to put in: who is silent holds no buffer
            if (!_tls.TryRead(room, out var read))
            {
                continue;
            }

            if (read.Count == 0)
            {
                break;
            }

            _guard?.Watch(room.Span[..read.Count]);
            writer.Advance(read.Count);
            if ((await writer.FlushAsync().ConfigureAwait(false)).IsCompleted)
            {
                break;
            }
        }

        await writer.CompleteAsync().ConfigureAwait(false);
        await _closed.CancelAsync().ConfigureAwait(false);
    }
}
