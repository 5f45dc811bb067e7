using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using DnsFlow.Flows;
using DnsFlow.Limits;
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
    private readonly TimeProvider _time;
    private readonly Http2FrameReader? _frames;
    private readonly FrameGuard? _guard;
    private readonly Http2Streams? _streams;
    private readonly Action<string, string> _onFault;
    private readonly Action _ended;
    private readonly CancellationTokenSource _closed = new();
    private readonly Pipe _input;
    private Task _reading = Task.CompletedTask;
    private ITimer? _deadline;
    private bool _isFaulty;

    /// <summary>Takes over a connection; nothing is read of it yet.</summary>
    /// <param name="tls">The connection; its hands are shaken.</param>
    /// <param name="pool">Where the server's buffers come from.</param>
    /// <param name="memory">What its requests are charged to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onFull">Called when there was no room for a request, and the connection is ended for that.</param>
    /// <param name="onFault">Called, with its ID and what it was, when it is ended for what its client did.</param>
    /// <param name="ended">Called when all is given back.</param>
    public HttpsConnectionContext(
        TlsStreamTransport tls, MemoryPool<byte> pool, MemoryPool memory, TimeProvider time, Action onFull, Action<string, string> onFault, Action ended)
    {
        (_tls, _time, _onFault, _ended, MemoryPool) = (tls, time, onFault, ended, pool);

        // HTTP/2 is copied once more before it is read, and never by the thread that waits for connections; HTTP/1.1 would be answered by it.
        var scheduler = PipeScheduler.ThreadPool;
        Http2FrameReader? sent = null;
        if (tls.Protocol == SslApplicationProtocol.Http2)
        {
            scheduler = PipeScheduler.Inline;
            _streams = new Http2Streams(memory, () => EndFull(onFull));
            _guard = new FrameGuard(time, EndFaulty);
            _frames = new Http2FrameReader(Http2FrameReader.ClientPreface, Received);
            sent = new Http2FrameReader(0, Sent);
        }

        _input = new Pipe(new PipeOptions(pool, scheduler, PipeScheduler.ThreadPool, MaxInput, MaxInput / 2, useSynchronizationContext: false));
        Output = new HttpsOutput(tls, sent);
        Transport = this;
        Features.Set<ITlsConnectionFeature>(this);
        Features.Set<ITlsApplicationProtocolFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
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

    /// <summary>Begins to read: the server has it now, and can be told to end it.</summary>
    public void Begin() => _reading = ReadAsync();

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
        _deadline?.Dispose();
        _streams?.Close();
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

            _frames?.Read(room.Span[..read.Count]);
            if (_isFaulty)
            {
                EndGently();
                return;
            }

            writer.Advance(read.Count);
            if ((await writer.FlushAsync().ConfigureAwait(false)).IsCompleted)
            {
                break;
            }
        }

        await writer.CompleteAsync().ConfigureAwait(false);
        await _closed.CancelAsync().ConfigureAwait(false);
    }

    private void Received(Http2Frame frame)
    {
        _guard!.Count(frame);
        _streams!.FromClient(frame);
    }

    private void Sent(Http2Frame frame) => _streams!.FromServer(frame);

    private void EndFaulty(string problem)
    {
        _onFault(ConnectionId, problem);
        _isFaulty = true;
    }

    private void EndFull(Action onFull)
    {
        onFull();
        Abort(new ConnectionAbortedException());
    }

    /// <summary>
    /// Nothing more is read; what was asked before is answered, and the client is told to go (GOAWAY). When many requests are cut off at once the HTTP server
    /// now and then waits for one of them for ever, with all its memory.
    /// </summary>
    private void EndGently()
    {
        _deadline = _time.CreateTimer(static context => ((HttpsConnectionContext)context!).Abort(), this, GatheredTransport.LastTime, Timeout.InfiniteTimeSpan);
        Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }
}
