using System.Collections.Concurrent;
using System.Threading.Channels;
using DnsFlow.Upstreams;

namespace DnsFlow.Tests.Upstreams;

/// <summary>An exchange without sockets: the test sees each attempt and ends it when it likes.</summary>
internal sealed class ScriptedExchange(Action<ScriptedExchange.Attempt>? onAttempt = null) : IUpstreamExchange
{
    private readonly Channel<Attempt> _arrivals = Channel.CreateUnbounded<Attempt>();
    private readonly ConcurrentQueue<Attempt> _attempts = new();

    public IReadOnlyCollection<Attempt> Attempts => _attempts;

    public async ValueTask<UpstreamResult> AskAsync(Upstream server, bool overStream, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
    {
        var attempt = new Attempt(server, overStream, cancellationToken);
        _attempts.Enqueue(attempt);
        _arrivals.Writer.TryWrite(attempt);
        onAttempt?.Invoke(attempt);
        using var abandoned = cancellationToken.UnsafeRegister(_ => attempt.Fail(UpstreamError.Abandoned), null);
        return await attempt.Task;
    }

    public async Task<Attempt> NextAsync() => await _arrivals.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

    internal sealed class Attempt(Upstream server, bool overStream, CancellationToken cancellationToken)
        : TaskCompletionSource<UpstreamResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Upstream Server { get; } = server;

        public bool OverStream { get; } = overStream;

        public CancellationToken CancellationToken { get; } = cancellationToken;

        public void Answer(params byte[] response) => TrySetResult(new UpstreamResult(response, UpstreamError.None, Server));

        public void Fail(UpstreamError error, byte[]? response = null) => TrySetResult(new UpstreamResult(response, error, Server));
    }
}
