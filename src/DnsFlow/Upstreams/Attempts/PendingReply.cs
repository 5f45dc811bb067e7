namespace DnsFlow.Upstreams.Attempts;

/// <summary>A question on a connection, waiting for its reply. Ends once, whoever ends it first.</summary>
internal sealed class PendingReply(Upstream server, ushort id, ReadOnlyMemory<byte> query)
    : TaskCompletionSource<UpstreamResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>The ID, unique on its connection while the question waits.</summary>
    public ushort Id { get; } = id;

    /// <summary>The query, with ID 0.</summary>
    public ReadOnlyMemory<byte> Query { get; } = query;

    /// <summary>Runs from the moment the query is written.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>Ends the wait without a reply.</summary>
    public void Fail(UpstreamError error) => TrySetResult(new UpstreamResult(null, error, server));
}
