using DnsFlow.Upstreams;

namespace DnsFlow.TestKit;

/// <summary>The service plane's network for tests; without a handler every attempt is an error of the test.</summary>
internal sealed class FakeExchange : IUpstreamExchange
{
    /// <summary>What an attempt brings.</summary>
    public Func<Upstream, bool, byte[], CancellationToken, Task<UpstreamResult>>? OnAsk { get; set; }

    public async ValueTask<UpstreamResult> AskAsync(Upstream server, bool overStream, ReadOnlyMemory<byte> query, CancellationToken cancellationToken)
        => OnAsk is { } ask
            ? await ask(server, overStream, query.ToArray(), cancellationToken)
            : throw new InvalidOperationException("No attempt of the service plane was expected.");
}
