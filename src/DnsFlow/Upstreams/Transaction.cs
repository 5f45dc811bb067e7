namespace DnsFlow.Upstreams;

/// <summary>
/// One question on the service plane: its first attempt failed, or must not be a datagram. The shard keeps the question open meanwhile: a late
/// answer to the first attempt still counts, and then <see cref="Abandon"/> is called.
/// </summary>
#pragma warning disable CA1001 // The source has no timer and no wait handle: there is nothing to dispose of, and two threads may end it.
internal sealed class Transaction(
    ITransactionOwner owner, long token, UpstreamGroup group, byte[] query, Upstream? failedServer, UpstreamError failure, long deadline)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _abandoned = new();

    /// <summary>Who gets the result, exactly once unless abandoned first.</summary>
    public ITransactionOwner Owner { get; } = owner;

    /// <summary>The owner's name for the question.</summary>
    public long Token { get; } = token;

    /// <summary>Who is asked.</summary>
    public UpstreamGroup Group { get; } = group;

    /// <summary>The query in wire form, written by us (ID 0, to be replaced by each attempt; one question; our OPT).</summary>
    public byte[] Query { get; } = query;

    /// <summary>
    /// The server of the first attempt. With <see cref="Failure"/> <see cref="UpstreamError.None"/>: the server that was chosen and is to be
    /// asked first, by the service plane (<c>tcp://</c>); null lets it choose.
    /// </summary>
    public Upstream? FailedServer { get; } = failedServer;

    /// <summary>
    /// How the first attempt failed; <see cref="UpstreamError.None"/> when there was none, <see cref="UpstreamError.Slow"/> when it is still under way and another
    /// one is wanted beside it.
    /// </summary>
    public UpstreamError Failure { get; } = failure;

    /// <summary>
    /// What the first attempt brought when it failed with <see cref="UpstreamError.BadResponse"/> or <see cref="UpstreamError.Truncated"/>: handed back
    /// when nothing better comes. Null when the owner keeps it or there is none.
    /// </summary>
    public byte[]? Response { get; init; }

    /// <summary>Packets that were sent for the question before the first attempt that is spoken of here: hedges that failed.</summary>
    public int EarlierPackets { get; init; }

    /// <summary>When the question is over, in microseconds of the monotonic clock.</summary>
    public long Deadline { get; } = deadline;

    /// <summary>Cancelled by <see cref="Abandon"/>.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>The question was answered otherwise or its deadline passed: stop trying. Any thread, idempotent.</summary>
    public void Abandon() => _abandoned.Cancel();
}
